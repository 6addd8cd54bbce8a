(* Proofs by cells: pairs of joint actions that the data follow and of an interval, for two states, or a box of a grid. *)

open Json
open Reading
open Certificate

(* The joint actions that the data follow, none under fixed data. *)
let around moving model where value =
  if moving then policy model (where ^ ".greedy") value
  else begin
    need (value = Null) (where ^ ".greedy: expected null for fixed data");
    []
  end

(* A cell, its hint left out: around, from, to, and its weight, 0 where it has none. *)
let cell weighted moving model value : Checks.cell =
  let where = "proof.cells" in
  let get = members ([ "greedy"; "lower"; "upper" ] @ if weighted then [ "weight" ] else []) where value in
  let own key = q (number (where ^ "." ^ key) (get key)) in
  { played = around moving model where (get "greedy"); left_end = own "lower"; right_end = own "upper";
    own_weight = (if weighted then own "weight" else q Q.zero); turns = [] }

(* lines around s o: the factors of each chooser at state s as functions of the difference of state o, under the data
   around the joint actions given; own: these as actions of the choosers. *)
let fate lines own (model : Checks.model) data claim proof kind : Checks.fate =
  let repelling = kind = "repelling" in
  let get = members ([ "kind"; "prefix"; "cells" ] @ if repelling then [ "prime" ] else []) "proof" proof in
  let prefix = index 0 "proof.prefix" (get "prefix") in
  let prime = if repelling then index ~most:1_000_003 2 "proof.prime" (get "prime") else 2 in
  let reference, lower, upper = bounds model (if repelling then "aperiodic" else "bounded") claim in
  let r = about model reference in
  need (List.length model.rows = 2) "proof.kind: needs two states";
  let known = Hashtbl.create 16 in
  let lines_around g =
    match Hashtbl.find_opt known g with
    | Some found -> found
    | None ->
      let found = lines g r (1 - r) @ lines g (1 - r) (1 - r) in
      Hashtbl.add known g found;
      found in
  let hinted (c : Checks.cell) =
    let inner = Pieces.turns (of_q c.left_end) (of_q c.right_end) in
    { c with played = own c.played; turns = qs (List.sort_uniq Q.compare (List.concat_map inner (lines_around c.played))) } in
  let earlier (a : Checks.cell) (b : Checks.cell) = Q.compare (of_q a.left_end) (of_q b.left_end) in
  let given = List.map (cell repelling (moving data) model) (entries "proof.cells" (get "cells")) in
  let cells = List.map hinted (List.stable_sort earlier given) in
  if repelling then Repelled (prefix, r, lower, upper, cells, Z.of_int prime)
  else Celled (prefix, r, lower, upper, cells)

let largest = 1_000_000_000

(* 0 at the state of reference, which documents leave out. *)
let with_zero zero r found = List.filteri (fun s _ -> s < r) found @ (zero :: List.filteri (fun s _ -> s >= r) found)

let grid own (model : Checks.model) data claim proof : Checks.fate =
  let get = members [ "kind"; "prefix"; "units"; "rooms" ] "proof" proof in
  let prefix = index 0 "proof.prefix" (get "prefix") in
  let reference, lower, upper = bounds model "bounded" claim in
  let r = about model reference in
  let count = List.length model.rows - 1 in
  let units = with_zero (q Q.zero) r (numbers ~count "proof.units" (get "units")) in
  let where = "proof.rooms" in
  let whole value = Z.of_int (index ~most:(largest - 1) (-largest) where value) in
  let cell value = with_zero Z.zero r (List.map whole (entries ~count where value)) in
  let room value : Checks.room =
    let get = members [ "greedy"; "cells" ] where value in
    { room_around = own (around (moving data) model where (get "greedy"));
      room_cells = List.map cell (entries where (get "cells")) } in
  Gridded (prefix, r, lower, upper, units, List.map room (entries where (get "rooms")))
