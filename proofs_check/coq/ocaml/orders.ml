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

(* Numbers as integers over their common denominator. *)
let whole numbers =
  let numbers = List.map of_q numbers in
  let d = Integers.multiple Z.one numbers in
  (d, Array.of_list (List.map (Integers.integer d) numbers))

(* Of all tuples, the place of that with the least error that wins ties. *)
let least walk errors =
  let better best (place, order, error) =
    match best with
    | Some (_, o, e) ->
      let sign = Z.compare e error in
      if sign < 0 || (sign = 0 && not (Checks.precedes walk.model order o)) then best else Some (place, order, error)
    | None -> Some (place, order, error) in
  let entries = List.mapi (fun k (o, e) -> (k, o, e)) (List.combine walk.orders errors) in
  match List.fold_left better None entries with Some (place, _, _) -> place | None -> 0

(* For all tuples the blocks of the regressions of integers y under weights w, a common multiple of the weights of all
   blocks, and the place of the choice. An error is the sum of w y^2, the same for all tuples and left out, less that of
   moment^2 / weight. *)
let chosen walk (w : Z.t array) (y : Z.t array) =
  need (Array.for_all (fun x -> Z.sign x > 0) w) "data: expected a positive probability of every joint action";
  let fits = List.map (fun graph -> Isotonic.regression graph w y) walk.graphs in
  let weights = List.concat_map (List.map (fun (block : Isotonic.block) -> block.weight)) fits in
  let common = List.fold_left Z.lcm Z.one (List.sort_uniq Z.compare weights) in
  let less sum (block : Isotonic.block) =
    Z.sub sum (Z.mul (Z.mul block.moment block.moment) (Z.divexact common block.weight)) in
  (fits, common, least walk (List.map (List.fold_left less Z.zero) fits))

let best walk place = List.map List.hd (List.nth walk.orders place)

(* homes: for each state the blocks of the regressions of all tuples. *)
type found = { hint : (Checks.order_fit list * int) list; values : Checks.q list; greedy : int list list;
               errors : Q.t list; homes : int array list list }

(* Levels and multipliers of blocks of integers w and y, which are to be divided by these numbers. *)
let levels (below_w, below_y) count blocks =
  let level (block : Isotonic.block) = q (Q.make block.moment (Z.mul block.weight below_y)) in
  let found = Array.make count (q Q.zero) in
  let enter (block : Isotonic.block) =
    let own = level block in
    List.iter (fun a -> found.(a) <- own) block.cells in
  List.iter enter blocks;
  let flow (block : Isotonic.block) (a, b, amount) =
    ((a, b), q (Q.make amount (Z.mul block.weight (Z.mul below_w below_y)))) in
  (Array.to_list found, List.concat_map (fun (block : Isotonic.block) -> List.map (flow block) block.flows) blocks)

(* The squared errors of blocks, summed up. *)
let error (below_w, below_y) (w : Z.t array) (y : Z.t array) blocks =
  let below = Z.mul below_w (Z.mul below_y below_y) in
  let own (block : Isotonic.block) =
    let squares = List.fold_left (fun sum a -> Z.add sum (Z.mul w.(a) (Z.mul y.(a) y.(a)))) Z.zero block.cells in
    Q.make (Z.sub (Z.mul block.weight squares) (Z.mul block.moment block.moment)) (Z.mul block.weight below) in
  Hints.total (List.map own blocks)

(* The hint of fits to ys under weights ws, with the chosen tuple's largest value, best actions, and error, and all blocks. *)
let fitted walk ws ys =
  let below_w, w = whole ws and below_y, y = whole ys in
  let below = (below_w, below_y) and count = Array.length y in
  let fits, _, place = chosen walk w y in
  let hints = List.map (levels below count) fits in
  let top = List.fold_left (fun top x -> Q.max top (of_q x)) Q.minus_inf (fst (List.nth hints place)) in
  ((hints, place), q top, best walk place, error below w y (List.nth fits place), List.map (Isotonic.homes count) fits)

(* What is found at the states. *)
let together states =
  { hint = List.map (fun (h, _, _, _, _) -> h) states; values = List.map (fun (_, v, _, _, _) -> v) states;
    greedy = List.map (fun (_, _, g, _, _) -> g) states; errors = List.map (fun (_, _, _, e, _) -> e) states;
    homes = List.map (fun (_, _, _, _, homes) -> homes) states }

let step walk values greedy =
  let state s g = fitted walk (Checks.weights_of walk.model walk.data s g) (Checks.targets_of walk.model values s) in
  together (List.mapi state greedy)

(* The same in integers, as replay_orders has them: the hint, the largest value over its denominator, and best actions. *)
let whole_fitted walk w y below =
  let fits, common, place = chosen walk w y in
  let hints = List.map (Isotonic.over common (Array.length y)) fits in
  let levels = fst (List.nth hints place) in
  (((common, hints), place), (List.fold_left Z.max (List.hd levels) levels, Z.mul common below), best walk place)

(* The hints of so many steps, and the values that they lead to. *)
let replay walk count values greedy =
  let model = walk.model in
  let states = List.length model.Checks.rows and scales = Checks.scales model in
  let weigh = Checks.whole_weighing model walk.data in
  let state integers s (scale, (g, rows)) =
    let y = Array.of_list (List.map (Checks.whole_target model scale integers) rows) in
    whole_fitted walk (Array.of_list (weigh s g)) y (Z.mul model.discount.qden scale) in
  let rec go left values greedy hints =
    if left = 0 then (List.rev hints, values)
    else begin
      let integers = Checks.integers states values in
      let found = List.mapi (state integers) (List.combine scales (List.combine greedy model.rows)) in
      let values = Checks.shared_values (fst integers) (List.map (fun (_, value, _) -> value) found) in
      go (left - 1) values (List.map (fun (_, _, g) -> g) found) (List.map (fun (h, _, _) -> h) found :: hints)
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
