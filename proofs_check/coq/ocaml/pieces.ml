(* Hints of proofs about two states: where the highest factors change, and joint actions that have them between. *)

(* For a state and each chooser the factors as functions of x, where V(r) = 0: (value at x = 0, slope). *)
type lines = (Q.t * Q.t) list list

let at x (level, slope) = Q.add level (Q.mul slope x)

(* Where two lines of a chooser meet between low and high. *)
let crossings low high lines =
  let meet (a, b) (a', b') =
    if Q.equal b b' then None
    else begin
      let x = Q.div (Q.sub a' a) (Q.sub b b') in
      if Q.lt low x && Q.lt x high then Some x else None
    end in
  List.concat_map (fun one -> List.filter_map (meet one) lines) lines

(* The place of the first highest line. *)
let highest x lines =
  let best (k, place, most) line = if place < 0 || Q.lt most (at x line) then (k + 1, k, at x line) else (k + 1, place, most) in
  let _, place, _ = List.fold_left best (0, -1, Q.zero) lines in
  place

(* Where the highest of a chooser's lines changes between low and high: from the highest one, of those the steepest, to
   the next that meets it. *)
let turns low high lines =
  let above x one other =
    let order = Q.compare (at x one) (at x other) in
    order > 0 || (order = 0 && Q.gt (snd one) (snd other)) in
  let rec walk x found =
    let level, slope = List.fold_left (fun top line -> if above x line top then line else top) (List.hd lines) lines in
    let meet (level', slope') =
      if Q.gt slope' slope then Some (Q.div (Q.sub level level') (Q.sub slope' slope)) else None in
    match List.filter_map meet lines with
    | first :: others ->
      let next = List.fold_left Q.min first others in
      if Q.lt next high then walk next (next :: found) else found
    | [] -> found in
  walk low []

(* The ends of the pieces, and at either state joint actions with the highest factors in the middle of each. *)
let pieces low high (reference : lines) (other : lines) =
  let inner = List.concat_map (crossings low high) (reference @ other) in
  let rec between = function
    | a :: (b :: _ as rest) ->
      let middle = Q.div (Q.add a b) (Q.of_int 2) in
      (a, b, List.map (highest middle) reference, List.map (highest middle) other) :: between rest
    | _ -> [] in
  between (List.sort_uniq Q.compare (low :: high :: inner))
