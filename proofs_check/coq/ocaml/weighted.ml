(* Proofs of the kind `monotonic` under weights that depend on Q_tot: the run followed as in Orders, hints for
   Checks.accepts. *)

open Json
open Reading
open Certificate

(* The weights, where data are such: the kind, alpha, and the data that they are over. *)
let parts value =
  match member "kind" value with
  | Some (String (("central" | "optimistic") as kind)) ->
    let get = members [ "kind"; "alpha"; "base" ] "data" value in
    Some (kind, number "data.alpha" (get "alpha"), get "base")
  | _ -> None

let weighting (kind, alpha, _) base : Checks.weighting =
  need (Q.sign alpha > 0 && Q.leq alpha Q.one) "data.alpha: expected 0 < alpha <= 1";
  { base_data = base; alpha = q alpha; optimistic = kind = "optimistic" }

(* What stands beside the tables of `initial` or `claim`, and these; there are some under optimistic weights only. *)
let apart (w : Checks.weighting) where value =
  match value with
  | Object found when w.optimistic ->
    (match find "tables" found with
     | Some tables -> (Object (List.remove_assoc "tables" found), Some tables)
     | None -> raise (Refused (where ^ ": key 'tables' is missing")))
  | _ -> (value, None)

(* A table a state, nested over the agents' actions. *)
let tables (model : Checks.model) where value =
  let count = List.length model.rows in
  List.map (fun table -> qs (flat ~where model.sizes table)) (entries ~count where value)

let step (walk : Orders.walk) (w : Checks.weighting) ((values, greedy), tables) =
  let state s g =
    let ys = Checks.targets_of walk.model values s in
    let own = if w.optimistic then List.nth tables s else [] in
    Orders.fitted walk (Checks.shares_of walk.model w values g own ys s) ys in
  let found = Orders.together (List.mapi state greedy) in
  let table (fits, place) = fst (List.nth fits place) in
  (found.hint, ((found.values, found.greedy), if w.optimistic then List.map table found.hint else []))

let replay walk w count start =
  let rec go left position hints =
    if left = 0 then (List.rev hints, position)
    else begin
      let hint, next = step walk w position in
      go (left - 1) next (hint :: hints)
    end in
  go count start []

let certificate (model : Checks.model) (w : Checks.weighting) start claim proof_ : Checks.certificate =
  let get = members [ "kind"; "prefix"; "radius"; "level" ] "proof" proof_ in
  let prefix = index 0 "proof.prefix" (get "prefix") in
  let own key = let x = number ("proof." ^ key) (get key) in need (Q.sign x >= 0) ("proof." ^ key ^ ": below 0"); x in
  let radius = own "radius" and level = own "level" in
  let exact = Q.sign radius = 0 && Q.sign level = 0 in
  let walk = Orders.walk model w.base_data in
  let where = "claim.tables" and claim, given = apart w "claim" claim in
  let before, last = replay walk w prefix start in
  let hints = List.map (fun point -> fst (step walk w point)) in
  let nears points = List.map (Doubts.at walk w (q radius) (q level)) points in
  match member "fate" claim with
  | Some (String "converges") ->
    let limit = limit model claim in
    let tables = Option.fold ~none:[] ~some:(tables model where) given in
    let point = ((limit.values, limit.policy), tables) in
    if exact then WeightedLimits (model, w, limit, tables, start, prefix, before, hints [ point ])
    else begin
      let low, high = Doubts.distances last point in
      NearLimits (model, w, limit, tables, start, prefix, q radius, q level, before, low, high, hints [ point ], nears [ point ])
    end
  | Some (String "cycles") ->
    let values, policies = Regions.cycle model claim in
    let count = List.length values in
    let each given = List.map (tables model where) (entries ~count where given) in
    let own = Option.fold ~none:(List.map (fun _ -> []) values) ~some:each given in
    let points = List.combine (List.combine values policies) own in
    if exact then WeightedCycles (model, w, points, start, prefix, before, hints points)
    else begin
      let low, high = Doubts.distances last (List.hd points) in
      NearCycles (model, w, points, start, prefix, q radius, q level, before, low, high, hints points, nears points)
    end
  | _ -> raise (Refused "claim.fate: unknown, or not what this kind of proof shows")

(* lower, upper: the bounds claimed after so many steps. *)
let box (model : Checks.model) (w : Checks.weighting) start (prefix, lower, upper) : Checks.certificate =
  let before, _ = replay (Orders.walk model w.base_data) w prefix start in
  WeightedBox (model, w, start, prefix, before, lower, upper)
