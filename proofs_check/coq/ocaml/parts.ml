(* The hint of a fit over sums of functions of sets of agents whose actions are independent, in closed form.

   Let M_U be the mean of a row given the actions of the agents in U. The fit is the sum, over all sets T that are part of
   one of the given sets, of D_T = sum of (-1)^|T - U| M_U over the parts U of T: these are orthogonal to each other. Each
   T is counted with the first of the given sets that it is part of. Sets are bits of a number. *)

let bits set = List.fold_left (fun found agent -> found lor (1 lsl agent)) 0 set
let rec size set = if set = 0 then 0 else (set land 1) + size (set lsr 1)

(* All parts of a set, itself first. *)
let parts set =
  let rec go part found = if part = 0 then List.rev (0 :: found) else go ((part - 1) land set) (part :: found) in
  go set []

let most = 100_000

(* Whether the parts are few enough: otherwise equations are solved. *)
let feasible sets =
  let rec power n = if n = 0 then 1 else 3 * power (n - 1) in
  let right set = List.length set <= 10 && List.for_all (fun agent -> agent < 60) set in
  List.for_all right sets && List.fold_left (fun found set -> found + power (List.length set)) 0 sets <= most

(* For each set the parts U with their coefficients, of which none is 0. *)
let coefficients sets =
  let seen = Hashtbl.create 64 in
  let own set =
    let found = Hashtbl.create 16 in
    let add sign part = Hashtbl.replace found part (sign + Option.value ~default:0 (Hashtbl.find_opt found part)) in
    let enter whole =
      if not (Hashtbl.mem seen whole) then begin
        Hashtbl.add seen whole ();
        List.iter (fun part -> add (if size (whole lxor part) land 1 = 0 then 1 else -1) part) (parts whole)
      end in
    List.iter enter (parts set);
    List.filter (fun (_, c) -> c <> 0) (Hashtbl.fold (fun part c rest -> (part, c) :: rest) found []) in
  List.map own sets

(* The place of the actions of the agents in a set among all choices. *)
let place sizes set action =
  let rec from i found =
    if i = Array.length action then found
    else from (i + 1) (if set land (1 lsl i) <> 0 then (found * sizes.(i)) + action.(i) else found) in
  from 0 0

let choices sizes set =
  let found = ref 1 in
  Array.iteri (fun i size -> if set land (1 lsl i) <> 0 then found := !found * size) sizes;
  !found

(* The actions of all agents in lexicographic order, those outside of a set 0. *)
let actions sizes set =
  let n = Array.length sizes in
  let rec go i = if i = n then [ [] ] else
      let rest = go (i + 1) and own = if set land (1 lsl i) <> 0 then sizes.(i) else 1 in
      List.concat_map (fun x -> List.map (List.cons x) rest) (List.init own Fun.id) in
  List.map Array.of_list (go 0)

(* The sums of entries by the actions of the agents in a set. *)
let summed sizes all (scaled : Integers.t) set =
  let sums = Array.init (choices sizes set) (fun _ -> Integers.nothing scaled) in
  List.iter2 (fun action entry -> Integers.add sums.(place sizes set action) entry) all scaled.entries;
  sums

(* As Hints.fitted; the weights are products. *)
let fitted sets sizes discount weights rows =
  let sizes = Array.of_list sizes in
  let all = actions sizes ((1 lsl Array.length sizes) - 1) in
  let scaled = Integers.weighed discount weights rows in
  let known = Hashtbl.create 64 in
  let sums part =
    match Hashtbl.find_opt known part with
    | Some found -> found
    | None ->
      let found = summed sizes all scaled part in
      Hashtbl.add known part found;
      found in
  let term action (part, c) = (c, (sums part).(place sizes part action)) in
  let combined terms =
    let below = List.fold_left (fun d (_, (sum : Integers.entry)) -> if Z.sign sum.share = 0 then d else Z.lcm d sum.share) Z.one terms in
    let row = Array.make scaled.width Z.zero in
    let enter (c, (sum : Integers.entry)) =
      if Z.sign sum.share <> 0 then begin
        let times = Z.mul (Z.of_int c) (Z.divexact below sum.share) in
        for k = 0 to scaled.width - 1 do row.(k) <- Z.add row.(k) (Z.mul times sum.row.(k)) done
      end in
    List.iter enter terms;
    Integers.numbers scaled (Z.mul below scaled.over) row in
  let own set found = List.map (fun action -> combined (List.map (term action) found)) (actions sizes set) in
  let masks = List.map bits sets in
  List.map2 own masks (coefficients masks)
