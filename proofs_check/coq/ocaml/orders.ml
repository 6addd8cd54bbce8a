(* Proofs of the kind `monotonic`: hints for Checks.accepts, the run by orders of the monotonic class followed beside it. *)

open Json
open Reading
open Certificate

(* So many tuples of orders are compared. *)
let most_tuples = 50_000
let most_actions = 10

let tuples sizes =
  need (List.for_all (fun size -> size <= most_actions) sizes) "model.actions: expected at most 10 actions to put in order";
  let rec factorial n = if n <= 1 then 1 else n * factorial (n - 1) in
  let times found size = min (most_tuples + 1) (found * factorial size) in
  if List.fold_left times 1 sizes > most_tuples then raise (Not_covered "so many orders of actions")

(* For a tuple of orders and each joint action those that are better by one place for one agent. *)
let steps_up sizes orders =
  let count = List.fold_left ( * ) 1 sizes in
  let up = Array.make count [] in
  let agent stride size order =
    let order = Array.of_list order in
    for k = 1 to size - 1 do
      let worse = order.(k) and better = order.(k - 1) in
      for a = 0 to count - 1 do
        if a / stride mod size = worse then up.(a) <- (a + ((better - worse) * stride)) :: up.(a)
      done
    done in
  let enter size order stride = agent stride size order; stride * size in
  ignore (List.fold_right2 enter sizes orders 1);
  up

type walk = { model : Checks.model; data : Checks.data; orders : int list list list; graphs : Isotonic.graph list }

let walk (model : Checks.model) data =
  tuples model.sizes;
  let orders = Checks.all_orders model in
  { model; data; orders; graphs = List.map (fun o -> Isotonic.graph (steps_up model.sizes o)) orders }

let as_array numbers = Array.of_list (List.map of_q numbers)

(* Of all tuples, with their places and errors, the place of that with the least error that wins ties. *)
let least walk errors =
  let better best (place, order, error) =
    match best with
    | Some (_, o, e) when Q.lt e error || (Q.equal e error && not (Checks.precedes walk.model order o)) -> best
    | _ -> Some (place, order, error) in
  match List.fold_left better None errors with Some (place, _, _) -> place | None -> 0

(* homes: for each state the blocks of the regressions of all tuples. *)
type found = { hint : (Checks.order_fit list * int) list; values : Checks.q list; greedy : int list list;
               errors : Q.t list; homes : int array list list }

(* The hint of fits to ys under weights ws, with the chosen tuple's largest value, best actions, and error, and all blocks. *)
let fitted walk ws ys =
  let w = as_array ws and y = as_array ys in
  need (Array.for_all (fun x -> Q.sign x > 0) w) "data: expected a positive probability of every joint action";
  let fit graph =
    let levels, flows, homes = Isotonic.regression graph w y in
    let error = ref Q.zero in
    Array.iteri (fun a x -> let e = Q.sub y.(a) x in error := Q.add !error (Q.mul w.(a) (Q.mul e e))) levels;
    let hint = (qs (Array.to_list levels), List.map (fun (a, b, amount) -> ((a, b), q amount)) flows) in
    (hint, !error, levels, homes) in
  let fits = List.map fit walk.graphs in
  let entry k (o, (_, error, _, _)) = (k, o, error) in
  let place = least walk (List.mapi entry (List.combine walk.orders fits)) in
  let _, error, levels, _ = List.nth fits place in
  let top = Array.fold_left Q.max levels.(0) levels in
  let best = List.map List.hd (List.nth walk.orders place) in
  ((List.map (fun (hint, _, _, _) -> hint) fits, place), q top, best, error, List.map (fun (_, _, _, homes) -> homes) fits)

(* What is found at the states. *)
let together states =
  { hint = List.map (fun (h, _, _, _, _) -> h) states; values = List.map (fun (_, v, _, _, _) -> v) states;
    greedy = List.map (fun (_, _, g, _, _) -> g) states; errors = List.map (fun (_, _, _, e, _) -> e) states;
    homes = List.map (fun (_, _, _, _, homes) -> homes) states }

let step walk values greedy =
  let state s g = fitted walk (Checks.weights_of walk.model walk.data s g) (Checks.targets_of walk.model values s) in
  together (List.mapi state greedy)

(* The hints of so many steps, and the values that they lead to. *)
let replay walk count values greedy =
  let rec go left values greedy hints =
    if left = 0 then (List.rev hints, values)
    else begin
      let found = step walk values greedy in
      go (left - 1) found.values found.greedy (found.hint :: hints)
    end in
  go count values greedy []

(* A number at least the square root, within 2^-64 of it relative to the denominator's unit. *)
let root_above (x : Q.t) =
  let inside = Z.shift_left (Z.mul (Q.num x) (Q.den x)) 128 in
  Q.make (Z.succ (Z.sqrt inside)) (Z.shift_left (Q.den x) 64)

let certificate model data values greedy claim proof_ : Checks.certificate =
  let get = members ~optional:[ "directions" ] [ "kind"; "prefix"; "radius" ] "proof" proof_ in
  let prefix = index 0 "proof.prefix" (get "prefix") in
  let radius = number "proof.radius" (get "radius") in
  need (Q.sign radius >= 0) "proof.radius: expected a number of at least 0";
  let walk = walk model data in
  let hints points policies =
    let found = List.map2 (step walk) points policies in
    let before, last = replay walk prefix values greedy in
    let hints = List.map (fun f -> f.hint) found in
    let way given =
      Directions.way model data given (List.hd points) policies hints (List.map (fun f -> f.homes) found) last in
    let roots = List.map (fun f -> qs (List.map root_above f.errors)) found in
    (before, hints, roots, Option.map way (member "directions" proof_)) in
  match member "fate" claim with
  | Some (String "converges") ->
    let limit = limit model claim in
    let before, at_points, roots, way = hints [ limit.values ] [ limit.policy ] in
    OrderLimits (model, data, limit, values, greedy, prefix, q radius, before, at_points, roots, way)
  | Some (String "cycles") ->
    let points, policies = Regions.cycle model claim in
    let before, at_points, roots, way = hints points policies in
    OrderCycles (model, data, points, policies, values, greedy, prefix, q radius, before, at_points, roots, way)
  | _ -> raise (Refused "claim.fate: unknown, or not what this kind of proof shows")

(* lower, upper: the bounds claimed after so many steps. *)
let box model data values greedy (prefix, lower, upper) : Checks.certificate =
  let before, _ = replay (walk model data) prefix values greedy in
  OrderBox (model, data, values, greedy, prefix, before, lower, upper)
