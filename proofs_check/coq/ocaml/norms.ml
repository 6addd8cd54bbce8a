(* Classes of sums where the fit of least norm is chosen for what joint data leave open. *)

open Certificate

(* The sets that have functions, without the empty one, as bits. *)
let functions sets =
  let parts = List.concat_map (fun set -> Parts.parts (Parts.bits set)) sets in
  List.filter (fun part -> part <> 0) (List.sort_uniq compare parts)

(* In how many of these sets two joint actions agree. *)
let common functions a b =
  let same = List.mapi (fun agent (x, y) -> if x = y then 1 lsl agent else 0) (List.combine a b) in
  let agents = List.fold_left ( lor ) 0 same in
  Q.of_int (List.length (List.filter (fun part -> part land agents = part) functions))

(* A row for each joint action, a hint: with K the numbers above where there are weights w, and y the targets less their
   mean, v solves K w K v = K w y, and the row is v / w. The chosen functions are sums of v over joint actions. *)
let hinted functions actions discount weights rows =
  let scaled = List.map (List.mapi (fun k x -> if k = 0 then x else Q.mul discount x)) rows in
  let known = List.filter (fun (_, (w, _)) -> Q.sign w > 0) (List.combine actions (List.combine weights scaled)) in
  let add = List.map2 Q.add and times c = List.map (Q.mul c) in
  let sum = function row :: rest -> List.fold_left add row rest | [] -> [] in
  let mean = sum (List.map (fun (_, (w, row)) -> times w row) known) in
  let agree a = List.map (fun (b, _) -> common functions a b) known in
  let row (b, (w, row)) = (w, agree b @ List.map2 Q.sub row mean) in
  let table = List.map row known in
  let equation (a, _) = Array.of_list (sum (List.map2 (fun c (w, row) -> times (Q.mul c w) row) (agree a) table)) in
  let found = Hints.solved (Array.of_list (List.map equation known)) (List.length known) in
  let own = List.map2 (fun (b, (w, _)) v -> (b, qs (times (Q.inv w) (Option.value ~default:[] v)))) known found in
  List.map (fun action -> Option.value ~default:[] (List.assoc_opt action own)) actions

let hints sets (model : Checks.model) data =
  if not (Parts.feasible sets) then raise (Not_covered "a class of sums over so many sets of agents");
  let own weights rows =
    hinted (functions sets) (Checks.tuples model.sizes) (of_q model.discount) weights (List.map (List.map of_q) rows) in
  List.map2 own (weights model data) model.rows

let made sets (model : Checks.model) data values greedy : Rules.made =
  let hint = hints sets model data in
  { fate = (fun found -> LeastFate (model, data, sets, hint, values, greedy, found));
    contraction = (fun limit weights factor -> LeastContraction (model, data, sets, hint, limit, weights, factor));
    limits = (fun limit p -> LeastLimits (model, data, sets, hint, limit, values, greedy, p.checked, p.units));
    cycles = (fun points policies p ->
      LeastCycles (model, data, sets, hint, points, policies, values, greedy, p.checked, p.units));
    rows = (fun s _ -> List.map (Checks.least_row model data sets (List.nth hint s) s) (Checks.tuples model.sizes)) }

(* The agents' factors of the linear class. *)
let factors (model : Checks.model) data v0 g0 : Regions.agents =
  let hint = hints (Hints.singles model.sizes) model data in
  { fate = (fun found -> FactorsFate (model, data, hint, v0, g0, found));
    limits = (fun limit p -> FactorsLimits (model, data, hint, limit, v0, g0, p.checked, p.units));
    cycles = (fun points policies p -> FactorsCycles (model, data, hint, points, policies, v0, g0, p.checked, p.units)) }
