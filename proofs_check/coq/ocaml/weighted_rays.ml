(* Proofs of the kind `ray` under weights that depend on Q_tot: as in Rays, with constants and tables. *)

open Json
open Reading
open Certificate

let less there here = qs (List.map2 (fun x y -> Q.sub (of_q x) (of_q y)) there here)
let plus there here = qs (List.map2 (fun x y -> Q.add (of_q x) (of_q y)) there here)

type leg = { fits : Checks.order_fit list list; hint : (Checks.order_fit list * int) list; next : Checks.course }

(* A step from the end of the ray at a position towards the next one; a course is the constant, the values, the tables. *)
let leg (walk : Orders.walk) (w : Checks.weighting) (((values, greedy), _) as here) ((following, policy), tables)
    (((c, way), _) as course) =
  let model = walk.model in
  let ended = plus values way in
  let kept = List.for_all Fun.id (List.mapi (fun s _ -> Checks.all_kept model w here course s) greedy) in
  need kept "proof.level: a weight changes along the ray";
  let weights = List.mapi (fun s _ -> Checks.shares_on model w here course s) greedy in
  let state s weights = Orders.fitted walk weights (Checks.targets_of model ended s) in
  let found = Orders.together (List.mapi state weights) in
  need (found.greedy = policy) "claim: other actions than the next position's are greedy along the ray";
  let chosen (fits, place) = fst (List.nth fits place) in
  let moved = if w.optimistic then List.map2 (fun hint table -> less (chosen hint) table) found.hint tables else [] in
  let constant = q (Q.mul (of_q model.discount) (of_q c)) in
  let fits = Rays.still walk values weights found.homes in
  Rays.lead fits found.hint following;
  { fits; hint = found.hint;
    next = ((constant, less found.values following), moved) }

let numbers_of ((_, way), tables) = List.map of_q (List.concat (way :: tables))

(* The factor above 0 by which one course is another, without its constant; of one that is 0 that of the constants. *)
let factor constants there here =
  let pairs = List.combine (numbers_of there) (numbers_of here) in
  let ratio =
    match List.find_opt (fun (x, _) -> Q.sign x <> 0) pairs with Some (x, y) -> Q.div y x | None -> constants in
  if Q.sign ratio > 0 && List.for_all (fun (x, y) -> Q.equal y (Q.mul ratio x)) pairs then Some ratio else None

(* The legs until the ray returns, and the factors of constants and of the rest. *)
let around walk w positions first =
  let steps = List.combine positions (List.tl positions @ [ List.hd positions ]) in
  let discount = of_q walk.Orders.model.discount in
  let rec go found course constants =
    let enter (found, course, constants) (here, there) =
      let next = leg walk w here there course in
      (next :: found, next.next, Q.mul discount constants) in
    let found, course, constants = List.fold_left enter (found, course, constants) steps in
    match factor constants first course with
    | Some ratio -> (List.rev found, q constants, q ratio)
    | None ->
      need (List.compare_length_with found Rays.longest < 0) "proof: the ray does not return";
      go found course constants in
  go [] first Q.one

let replay walk w count start =
  let rec go left position hints =
    if left = 0 then (List.rev hints, position)
    else begin
      let hint, next = Weighted.step walk w position in
      go (left - 1) next (hint :: hints)
    end in
  go count start []

(* What a position is away from another one, less a constant. *)
let away ((values, _), tables) ((first, _), first_tables) level : Checks.course =
  let reduced there here = qs (List.map (fun x -> Q.sub (of_q x) level) (less there here)) in
  ((q level, reduced values first), List.map2 reduced tables first_tables)

let certificate (model : Checks.model) (w : Checks.weighting) start claim proof_ : Checks.certificate =
  let get = members [ "kind"; "prefix"; "level" ] "proof" proof_ in
  let prefix = index 0 "proof.prefix" (get "prefix") in
  let level = number "proof.level" (get "level") in
  let walk = Orders.walk model w.base_data in
  let where = "claim.tables" and claim, given = Weighted.apart w "claim" claim in
  let hints positions =
    let before, last = replay walk w prefix start in
    let first = away last (List.hd positions) level in
    let legs, constants, ratio = around walk w positions first in
    let courses = first :: List.map (fun l -> l.next) legs in
    (before, courses, List.map (fun l -> l.fits) legs, List.map (fun l -> l.hint) legs, constants, ratio) in
  match member "fate" claim with
  | Some (String "converges") ->
    let limit = limit model claim in
    let tables = Option.fold ~none:[] ~some:(Weighted.tables model where) given in
    let before, courses, fits, along, constants, ratio = hints [ ((limit.values, limit.policy), tables) ] in
    WeightedRayLimits (model, w, limit, tables, start, prefix, before, courses, fits, along, constants, ratio)
  | Some (String "cycles") ->
    let values, policies = Regions.cycle model claim in
    let each given = List.map (Weighted.tables model where) (entries ~count:(List.length values) where given) in
    let own = Option.fold ~none:(List.map (fun _ -> []) values) ~some:each given in
    let points = List.combine (List.combine values policies) own in
    let before, courses, fits, along, constants, ratio = hints points in
    WeightedRayCycles (model, w, points, start, prefix, before, courses, fits, along, constants, ratio)
  | _ -> raise (Refused "claim.fate: unknown, or not what this kind of proof shows")
