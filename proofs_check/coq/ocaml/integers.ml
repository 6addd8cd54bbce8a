(* Rows of rational numbers times weights as integers over one denominator, and their means. *)

(* A weight and the entries of a row times that weight. *)
type entry = { mutable share : Z.t; row : Z.t array }

(* The integers are to be divided by `over`, those after the first multiplied by the discount. *)
type t = { over : Z.t; discount : Q.t; width : int; entries : entry list }

(* A common denominator of numbers, and the integers that they are over it. *)
let multiple = List.fold_left (fun d (x : Q.t) -> if Z.equal d x.den || Z.equal x.den Z.one then d else Z.lcm d x.den)
let integer d (x : Q.t) = if Z.equal d x.den then x.num else Z.mul x.num (Z.divexact d x.den)

(* Rows (reward, probability of each state) of all joint actions, and their weights. *)
let weighed discount weights rows =
  let d = List.fold_left multiple Z.one rows and w = multiple Z.one weights in
  let times weight x = if Q.sign x = 0 then Z.zero else Z.mul weight (integer d x) in
  let entry weight row =
    let share = integer w weight in
    { share; row = Array.of_list (List.map (times share) row) } in
  let width = match rows with row :: _ -> List.length row | [] -> 0 in
  { over = d; discount; width; entries = List.map2 entry weights rows }

let nothing found = { share = Z.zero; row = Array.make found.width Z.zero }

(* Add an entry to another one, which is changed. *)
let add sum { share; row } =
  sum.share <- Z.add sum.share share;
  for k = 0 to min (Array.length row) (Array.length sum.row) - 1 do sum.row.(k) <- Z.add sum.row.(k) row.(k) done

(* The numbers that integers over `below` are, the first a reward, the others probabilities times the discount. *)
let numbers found below row =
  let later = Z.mul below found.discount.den in
  let number k x =
    if Z.sign x = 0 then Q.zero else if k = 0 then Q.make x below else Q.make (Z.mul x found.discount.num) later in
  Array.to_list (Array.mapi number row)

(* The mean of entries by their sum; 0 where nothing has a weight. *)
let mean found { share; row } =
  if Z.sign share = 0 then List.map (fun _ -> Q.zero) (Array.to_list row) else numbers found (Z.mul share found.over) row
