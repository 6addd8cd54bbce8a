(* Proofs of the kind `ray`: the run from a claimed position and what it is away from that, followed as in Orders until
   this is what it was, up to a factor and a constant; hints for Checks.accepts. *)

open Json
open Reading
open Certificate

(* A ray that has not returned after so many steps is refused. *)
let longest = 512

type leg = { fits : Checks.order_fit list list; hint : (Checks.order_fit list * int) list; next : Q.t list }

(* The means of the targets at a position over the blocks of the regressions at the end of the ray there, under weights. *)
let still (walk : Orders.walk) point weights (homes : int array list list) =
  let state s weights own =
    let below_w, w = Orders.whole weights in
    let below_y, y = Orders.whole (Checks.targets_of walk.model point s) in
    let fit graph home =
      Orders.levels (below_w, below_y) (Array.length y) (Isotonic.within graph home w y) in
    List.map2 fit walk.graphs own in
  List.mapi (fun s (weights, own) -> state s weights own) (List.combine weights homes)

(* What is chosen leads from the position itself to the next values: asked here so that nothing is followed in vain. *)
let lead (fits : Checks.order_fit list list) hint next =
  let state own (_, place) value =
    let levels = List.map of_q (fst (List.nth own place)) in
    need (Q.equal (List.fold_left Q.max (List.hd levels) levels) (of_q value)) "claim: the ray leads to other values" in
  List.iter2 (fun (own, h) value -> state own h value) (List.combine fits hint) next

(* A step from point + way towards the next position. *)
let leg (walk : Orders.walk) (point, policy) (next, next_policy) way =
  let ended = List.map2 (fun v x -> q (Q.add (of_q v) x)) point way in
  let found = Orders.step walk ended policy in
  need (found.greedy = next_policy) "claim: other actions than the next position's are greedy along the ray";
  let away = List.map2 (fun x v -> Q.sub (of_q x) (of_q v)) found.values next in
  let weights = List.mapi (Checks.weights_of walk.model walk.data) policy in
  let fits = still walk point weights found.homes in
  lead fits found.hint next;
  { fits; hint = found.hint; next = away }

(* The factor above 0 by which one way is another, up to a constant. *)
let factor there here =
  let less way = List.map (fun x -> Q.sub x (List.hd way)) way in
  let there = less there and here = less here in
  let pairs = List.combine there here in
  match List.find_opt (fun (x, _) -> Q.sign x <> 0) pairs with
  | None -> None
  | Some (x, y) ->
    let ratio = Q.div y x in
    if Q.sign ratio > 0 && List.for_all (fun (x, y) -> Q.equal y (Q.mul ratio x)) pairs then Some ratio else None

(* The legs until the ray returns, and the factor. *)
let around walk positions first =
  let following = List.tl positions @ [ List.hd positions ] in
  let steps = List.combine positions following in
  let rec go found way =
    let enter (found, way) (here, there) = let next = leg walk here there way in (next :: found, next.next) in
    let found, way = List.fold_left enter (found, way) steps in
    match factor first way with
    | Some ratio -> (List.rev found, ratio)
    | None ->
      need (List.compare_length_with found longest < 0) "proof: the ray does not return";
      go found way in
  go [] first

let certificate model data values greedy claim proof_ : Checks.certificate =
  let prefix = index 0 "proof.prefix" (members [ "kind"; "prefix" ] "proof" proof_ "prefix") in
  let walk = Orders.walk model data in
  let hints positions =
    let before, last = Orders.replay walk prefix values greedy in
    let first = List.map2 (fun x v -> Q.sub (of_q x) (of_q v)) last (fst (List.hd positions)) in
    let legs, ratio = around walk positions first in
    let ways = List.map qs (first :: List.map (fun l -> l.next) legs) in
    (before, ways, List.map (fun l -> l.fits) legs, List.map (fun l -> l.hint) legs, q ratio) in
  match member "fate" claim with
  | Some (String "converges") ->
    let limit = limit model claim in
    let before, ways, fits, along, ratio = hints [ (limit.values, limit.policy) ] in
    RayLimits (model, data, limit, values, greedy, prefix, before, ways, fits, along, ratio)
  | Some (String "cycles") ->
    let points, policies = Regions.cycle model claim in
    let before, ways, fits, along, ratio = hints (List.combine points policies) in
    RayCycles (model, data, points, policies, values, greedy, prefix, before, ways, fits, along, ratio)
  | _ -> raise (Refused "claim.fate: unknown, or not what this kind of proof shows")
