(* Proofs by choices, under epsilon-greedy data: the lists of joint actions that may be greedy, and the
   directions and widths of the region. *)

open Json
open Reading
open Certificate

(* The class of each state, and how many there are: they are numbered as they first occur. *)
let classes states value =
  let names = List.map (index ~most:(states - 1) 0 "proof.classes") (entries ~count:states "proof.classes" value) in
  let count next name =
    need (name <= next) "proof.classes: numbers count up from 0 as they first occur";
    if name = next then next + 1 else next in
  (names, List.fold_left count 0 names)

let proof (model : Checks.model) value : Checks.choices =
  let get = members [ "kind"; "prefix"; "classes"; "directions"; "widths"; "actions" ] "proof" value in
  let states = List.length model.rows in
  let lead = index 0 "proof.prefix" (get "prefix") in
  let kinds, count = classes states (get "classes") in
  (* what is given for each class, for each state *)
  let lifted own = let own = Array.of_list own in List.map (Array.get own) kinds in
  let directions = List.map (vector ~count "proof.directions") (entries "proof.directions" (get "directions")) in
  need (List.length directions < count) "proof.directions: too many";
  let directions = List.map lifted directions in
  let widths = numbers ~count:(List.length directions) "proof.widths" (get "widths") in
  let where = "proof.actions" in
  let joint given =
    List.map2 (fun given size -> index ~most:(size - 1) 0 where given)
      (entries ~count:(List.length model.sizes) where given) model.sizes in
  let own given =
    let found = List.map joint (entries where given) in
    need (found <> []) "proof.actions: no joint action";
    found in
  let phase given = lifted (List.map own (entries ~count where given)) in
  let ways = List.map phase (entries where (get "actions")) in
  { opening = lead; kinds; ways; bases = List.map qs directions; duals = List.map qs (Hints.dual directions states);
    extents = widths }

(* limits, cycles: what makes certificates of them. *)
let shown limits cycles model claim proof_ : Checks.certificate =
  let p = proof model proof_ in
  match member "fate" claim with
  | Some (String "converges") -> limits (limit model claim) p
  | Some (String "cycles") ->
    let points, policies = Regions.cycle model claim in
    cycles points policies p
  | _ -> raise (Refused "claim.fate: this kind of proof shows limits and cycles")

let of_agents model data values greedy claim proof_ =
  let limits limit p : Checks.certificate = ChoiceLimits (model, data, limit, values, greedy, p) in
  let cycles points policies p : Checks.certificate = ChoiceCycles (model, data, points, policies, values, greedy, p) in
  shown limits cycles model claim proof_

let of_class sets (model : Checks.model) data values greedy claim proof_ =
  let us = Rules.averages (List.length model.sizes) sets in
  let limits limit p : Checks.certificate =
    RuleChoiceLimits (model, data, Squares, sets, us, limit, values, greedy, p) in
  let cycles points policies p : Checks.certificate =
    RuleChoiceCycles (model, data, Squares, sets, us, points, policies, values, greedy, p) in
  shown limits cycles model claim proof_
