(* Hints of proofs of the kind `monotonic` along directions: blocks of regressions, and the columns that steps lead to. *)

open Json
open Reading
open Certificate

(* The sets of a block are all tried. *)
let most_cells = 12

(* Of a regression: for each joint action its block, and of each block the mean of the rows gamma P under the weights. *)
let block_hint model g data s (homes : int array) : Checks.block_hint =
  let w = Array.of_list (List.map of_q (Checks.weights_of model data s g)) in
  let rows = Array.of_list (List.map (fun row -> Array.of_list (List.map of_q row)) (Checks.step_rows model s)) in
  let count = 1 + Array.fold_left max 0 homes and states = List.length model.Checks.rows in
  let cells block = List.filter (fun a -> homes.(a) = block) (List.init (Array.length homes) Fun.id) in
  let mean block =
    let own = cells block in
    if List.compare_length_with own most_cells > 0 then raise (Not_covered "a block of so many joint actions");
    let total = Hints.total (List.map (fun a -> w.(a)) own) in
    let entry t = Q.div (Hints.total (List.map (fun a -> Q.mul w.(a) rows.(a).(t)) own)) total in
    qs (List.init states entry) in
  (Array.to_list homes, List.init count mean)

let dot a b = Hints.total (List.map2 Q.mul a b)

(* What rows make of columns. *)
let images rows columns = List.map (fun column -> List.map (fun row -> dot row column) rows) columns

(* How to write vectors by the directions and 1, whose coefficient comes first; refused where they depend on each other. *)
let coefficients directions states =
  let dual = Hints.dual directions states in
  let ones = List.init states (fun _ -> Q.one) in
  let right k row =
    Q.sign (dot row ones) = 0
    && List.for_all Fun.id (List.mapi (fun l w -> Q.equal (dot row w) (if k = l then Q.one else Q.zero)) directions) in
  let independent = List.for_all Fun.id (List.mapi right dual) in
  need independent "proof.directions: expected vectors that are independent together with 1";
  fun vector ->
    let own = List.map (fun row -> dot row vector) dual in
    let first k = Hints.total (List.map2 (fun z w -> Q.mul z (List.nth w k)) own directions) in
    qs (Q.sub (List.hd vector) (first 0) :: own)

(* homes: for each position and state the blocks of all tuples of orders; hints: those of the positions. *)
let way model data given first policies hints homes last : Checks.way =
  let states = List.length model.Checks.rows in
  let where = "proof.directions" in
  let directions = List.map (vector ~count:states where) (entries where given) in
  need (List.length directions < states) "proof.directions: too many";
  let write = coefficients directions states in
  let position policy own =
    List.mapi (fun s (g, homes) -> List.map (block_hint model g data s) homes) (List.combine policy own) in
  let blocks = List.map2 position policies homes in
  let row (hint, blocks) = List.map of_q (Checks.top_row model hint blocks) in
  let step columns (hint, own) = images (List.map row (List.combine hint own)) columns in
  let later (columns, found) each = let next = step columns each in (next, next :: found) in
  let ends, columns = List.fold_left later (directions, [ directions ]) (List.combine hints blocks) in
  let away = List.map2 (fun x y -> Q.sub (of_q x) (of_q y)) last first in
  { axes = List.rev_map (List.map qs) columns; blocks; first_part = write away; last_parts = List.map write ends }
