(* Classes of sums under epsilon-greedy data, or where a closed form is chosen for what product data leave open; the
   choice of least norm is that of norms.ml. *)

open Certificate

(* A fit as a sum of averages of the rewards and probabilities over the agents outside of sets: these sets and their
   coefficients, a hint. *)
let averages agents sets : (int list * Checks.q) list =
  let all = List.init agents Fun.id in
  let joint = sets = [ all ] in
  if not (joint || Parts.feasible sets) then raise (Not_covered "a class of sums over so many sets of agents");
  let found = Hashtbl.create 64 in
  let add (part, c) = Hashtbl.replace found part (c + Option.value ~default:0 (Hashtbl.find_opt found part)) in
  let masks = List.map Parts.bits sets in
  List.iter (List.iter add) (if joint then List.map (fun mask -> [ (mask, 1) ]) masks else Parts.coefficients masks);
  let members part = List.filter (fun agent -> part land (1 lsl agent) <> 0) all in
  let enter part c rest = if c = 0 then rest else (members part, q (Q.of_int c)) :: rest in
  Hashtbl.fold enter found []

(* Certificates of one chooser, and the rows of its fit at a state under the data around a joint action, [] under fixed
   data. *)
type made = {
  fate : Checks.fate -> Checks.certificate;
  contraction : Checks.limit -> Checks.q list -> Checks.q -> Checks.certificate;
  limits : Checks.limit -> Regions.proof -> Checks.certificate;
  cycles : Checks.q list list -> int list list list -> Regions.proof -> Checks.certificate;
  rows : int -> int list -> Checks.q list list }

let rows (model : Checks.model) data us s around =
  List.map (Checks.mixed_row model us (Checks.marginals model data s around) s) (Checks.tuples model.sizes)

let made rule sets (model : Checks.model) data values greedy =
  let us = averages (List.length model.sizes) sets in
  { fate = (fun found -> RuleFate (model, data, rule, sets, us, values, greedy, found));
    contraction = (fun limit weights factor -> RuleContraction (model, data, rule, sets, us, limit, weights, factor));
    limits = (fun limit p -> RuleLimits (model, data, rule, sets, us, limit, values, greedy, p.checked, p.units));
    cycles = (fun points policies p ->
      RuleCycles (model, data, rule, sets, us, points, policies, values, greedy, p.checked, p.units));
    rows = rows model data us }
