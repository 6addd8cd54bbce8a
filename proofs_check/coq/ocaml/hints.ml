(* Hints, which Checks verifies: coordinates along directions, and the rows of a fit to joint data. *)

let total = List.fold_left Q.add Q.zero

(* The place of a joint action in lexicographic order. *)
let rank sizes action = List.fold_left2 (fun found size x -> (found * size) + x) 0 sizes action

(* x with the first n columns times x = the rest, by Gauss-Jordan elimination; None where x is free. *)
let solved work n =
  let work = Array.copy work in
  let eliminate c head k row =
    if k = head || Q.sign row.(c) = 0 then row
    else Array.map2 (fun x y -> if Q.sign y = 0 then x else Q.sub x (Q.mul row.(c) y)) row work.(head) in
  let rec pivot c k =
    if k = Array.length work then None else if Q.sign work.(k).(c) <> 0 then Some k else pivot c (k + 1) in
  let rec solve c head places =
    if c = n then List.rev places
    else begin
      match pivot c head with
      | None -> solve (c + 1) head (None :: places)
      | Some k ->
        let row = work.(k) in
        work.(k) <- work.(head);
        work.(head) <- Array.map (fun x -> Q.div x row.(c)) row;
        Array.iteri (fun k row -> work.(k) <- eliminate c head k row) work;
        solve (c + 1) (head + 1) (Some head :: places)
    end in
  let rest head = Array.to_list (Array.sub work.(head) n (Array.length work.(head) - n)) in
  List.map (Option.map rest) (solve 0 0 [])

(* L with L_k W_l = 1 where k = l and 0 elsewhere, L_k 1 = 0; other numbers where there is none. With M = [W 1], L are
   the first rows of (M'M)^-1 M'. *)
let dual directions states =
  let columns = Array.of_list (List.map Array.of_list (directions @ [ List.init states (fun _ -> Q.one) ])) in
  let product a b = total (Array.to_list (Array.map2 Q.mul a b)) in
  let work = Array.map (fun a -> Array.append (Array.map (product a) columns) a) columns in
  let zero = List.init states (fun _ -> Q.zero) in
  let found = solved work (Array.length columns) in
  List.filteri (fun k _ -> k < List.length directions) (List.map (Option.value ~default:zero) found)

(* Such L for the unit vectors of all states but one, the reference: L_k V = V(s) - V(reference). *)
let differences reference states =
  let row s = List.init states (fun t -> if t = s then Q.one else if t = reference then Q.minus_one else Q.zero) in
  List.map row (List.filter (fun s -> s <> reference) (List.init states Fun.id))

(* The sets of one agent each: their fit is the linear one. *)
let singles sizes = List.mapi (fun i _ -> [ i ]) sizes

(* For each set of agents, and for each choice of their actions in lexicographic order, the reward and discount times the
   probabilities of the fit at a state with the weights and the rows (reward, probability of each state) of all joint
   actions: the normal equations of the indicators of these choices, free numbers 0. *)
let fitted sets sizes discount weights rows =
  let own set = List.map (List.nth sizes) set in
  let counts = List.map (fun set -> List.fold_left ( * ) 1 (own set)) sets in
  let starts = List.rev (snd (List.fold_left (fun (at, found) size -> (at + size, at :: found)) (0, []) counts)) in
  let n = List.fold_left ( + ) 0 counts in
  let width = match rows with row :: _ -> List.length row | [] -> 0 in
  let work = Array.init n (fun _ -> Array.make (n + width) Q.zero) in
  let add u c x = work.(u).(c) <- Q.add work.(u).(c) x in
  let rec actions = function
    | [] -> [ [] ]
    | size :: rest ->
      let others = actions rest in
      List.concat_map (fun x -> List.map (List.cons x) others) (List.init size Fun.id) in
  let enter (action, weight, row) =
    let scaled = List.mapi (fun k x -> Q.mul weight (if k = 0 then x else Q.mul discount x)) row in
    let choice set = rank (own set) (List.map (List.nth action) set) in
    let places = List.map2 (fun start set -> start + choice set) starts sets in
    let equation u =
      List.iter (fun v -> add u v weight) places;
      List.iteri (fun k x -> add u (n + k) x) scaled in
    List.iter equation places in
  List.iter2 (fun (action, weight) row -> enter (action, weight, row)) (List.combine (actions sizes) weights) rows;
  let zero = List.init width (fun _ -> Q.zero) in
  let found = List.map (Option.value ~default:zero) (solved work n) in
  List.map2 (fun start size -> List.filteri (fun k _ -> start <= k && k < start + size) found) starts counts

(* For each agent and each of its actions the mean of such rows where it plays it, the weights a product: the factors of
   the linear fit up to a number for each agent. *)
let means sizes discount weights rows =
  let scaled = Integers.weighed discount weights rows in
  let agent (count, found) size =
    let sums = Array.init size (fun _ -> Integers.nothing scaled) in
    let enter place entry = Integers.add sums.(place / count mod size) entry in
    List.iteri enter scaled.entries;
    (count * size, Array.to_list (Array.map (Integers.mean scaled) sums) :: found) in
  snd (List.fold_left agent (1, []) (List.rev sizes))

(* The rows of such a fit at all joint actions. *)
let summed sets sizes rows =
  let rec actions = function
    | [] -> [ [] ]
    | size :: rest ->
      let others = actions rest in
      List.concat_map (fun x -> List.map (List.cons x) others) (List.init size Fun.id) in
  let own action set found = List.nth found (rank (List.map (List.nth sizes) set) (List.map (List.nth action) set)) in
  let add (x : Checks.q) (y : Checks.q) : Checks.q =
    let sum = Q.add (Q.make x.qnum x.qden) (Q.make y.qnum y.qden) in
    { qnum = Q.num sum; qden = Q.den sum } in
  let total = function row :: rest -> List.fold_left (List.map2 add) row rest | [] -> [] in
  List.map (fun action -> total (List.map2 (own action) sets rows)) (actions sizes)
