(* Proofs by a region, and the claims that they show. *)

open Json
open Reading
open Certificate

(* The directions, and a hint of how to find coordinates; null stands for the unit vectors of all states but the reference. *)
let directions get states =
  let reference = index ~most:(states - 1) 0 "proof.reference" (get "reference") in
  let unit s = List.init states (fun t -> if s = t then Q.one else Q.zero) in
  match get "directions" with
  | Null -> (List.map unit (List.filter (fun s -> s <> reference) (List.init states Fun.id)), Hints.differences reference states)
  | given ->
    let found = List.map (vector ~count:states "proof.directions") (entries "proof.directions" given) in
    (found, Hints.dual found states)

(* The shape of the region, which coordinates are fixed, and the growth. *)
let shape value count : Checks.shape * bool list * Checks.growth option =
  let where = "proof.growth" in
  if value = Null then (Bounded, [], None)
  else begin
    let kind = if has "factor" value then "factor" else if has "maximum" value then "maximum" else "increment" in
    let shrinks = kind = "maximum" in
    let get = members ([ "fixed"; kind ] @ if shrinks then [] else [ "minimum" ]) where value in
    let fixed = List.map (truth where) (entries ~count where (get "fixed")) in
    let own key = q (number where (get key)) in
    if shrinks then (Shrinking (own kind), fixed, None)
    else (Growing (own "minimum"), fixed, Some { geometric = kind = "factor"; rate = own kind })
  end

type proof = { checked : Checks.proof; units : bool; growth : Checks.growth option }

let is_rounded p = Option.is_some p.checked.place.grain
let shrinks p = match p.checked.place.kind with Checks.Shrinking _ -> true | _ -> false

(* A growing region, exactly or in rounded numbers. *)
let grown p claimed steps proved : Checks.fate =
  if is_rounded p then Swells (claimed, steps, p.checked, proved) else Grows (claimed, steps, p.checked, proved)

let max_precision = 10_000

(* Where numbers are rounded to multiples of 1/u: u. *)
let multiples value =
  let power given = Z.shift_left Z.one (index ~most:max_precision 1 "proof.precision" given) in
  Option.map power (member "precision" value)

(* policy: how joint actions are read. *)
let proof policy model value =
  let keys = [ "kind"; "prefix"; "origin"; "modes"; "entry"; "directions"; "reference"; "widths"; "growth" ] in
  let get = members ~optional:[ "precision" ] keys "proof" value in
  let states = List.length model.Checks.rows in
  let directions, dual = directions get states in
  let widths = numbers ~count:(List.length directions) "proof.widths" (get "widths") in
  let kind, fixed, growth = shape (get "growth") (List.length directions) in
  let rows = List.map qs in
  let checked : Checks.proof =
    { prefix = index 0 "proof.prefix" (get "prefix"); center = values model "proof.origin" (get "origin");
      entered = policy model "proof.entry" (get "entry");
      modes = List.map (policy model "proof.modes") (entries "proof.modes" (get "modes"));
      directions = rows directions; dual = rows dual;
      place = { kind; widths; fixed; grain = multiples value } } in
  let found = { checked; units = get "directions" = Null; growth } in
  need (not (shrinks found && is_rounded found)) "proof.precision: not with a maximum";
  found

(* The growth of a claim of divergence and its number of steps. *)
let growth value : Checks.growth * int =
  let given = members [ "fate"; "growth" ] "claim" value "growth" in
  let key =
    match member "kind" given with
    | Some (String "geometric") -> "factor"
    | Some (String "linear") -> "increment"
    | _ -> raise (Refused "claim.growth.kind: unknown") in
  let get = members [ "kind"; key; "steps" ] "claim.growth" given in
  let rate = q (number ("claim.growth." ^ key) (get key)) in
  ({ geometric = key = "factor"; rate }, index 1 "claim.growth.steps" (get "steps"))

let cycle model value =
  let get = members [ "fate"; "period"; "orbit"; "greedy" ] "claim" value in
  let count = index 2 "claim.period" (get "period") in
  let all own key = List.map (own model ("claim." ^ key)) (entries ~count ("claim." ^ key) (get key)) in
  (all values "orbit", all policy "greedy")

(* One chooser takes the joint actions, by their places. fate, limits, cycles: what makes certificates of them. *)
let of_positions read fate limits cycles model claim proof_ : Checks.certificate =
  let p = proof read model proof_ in
  match (member "fate" claim, p.growth) with
  | Some (String "diverges"), Some proved ->
    let claimed, steps = growth claim in
    fate (grown p claimed steps proved)
  | Some (String "converges"), None -> limits (limit model claim) p
  | Some (String "cycles"), None ->
    let points, policies = cycle model claim in
    cycles points policies p
  | _ -> raise (Refused "claim.fate: unknown, or not what such a region shows")

let of_chooser fate limits cycles model claim proof_ =
  let placed model where value = List.map (fun a -> [ Hints.rank model.Checks.sizes a ]) (policy model where value) in
  of_positions placed fate limits cycles model claim proof_

(* What makes certificates of linear fits that are chosen. *)
type agents = {
  fate : Checks.fate -> Checks.certificate;
  limits : Checks.limit -> proof -> Checks.certificate;
  cycles : Checks.q list list -> int list list list -> proof -> Checks.certificate;
}

let of_agents made model claim proof_ = of_positions policy made.fate made.limits made.cycles model claim proof_

(* The closed form of linear fits. *)
let closed_form model data v0 g0 =
  { fate = (fun found -> OpenFate (model, data, v0, g0, found));
    limits = (fun limit p -> OpenLimits (model, data, limit, v0, g0, p.checked, p.units));
    cycles = (fun points policies p -> OpenCycles (model, data, points, policies, v0, g0, p.checked, p.units)) }

let of_class sets hint model data v0 g0 claim proof_ : Checks.certificate =
  let fate found : Checks.certificate = Sums (model, data, sets, hint, v0, g0, found) in
  let limits limit p : Checks.certificate = ClassLimits (model, data, sets, hint, limit, v0, g0, p.checked, p.units) in
  let cycles points policies p : Checks.certificate =
    ClassCycles (model, data, sets, hint, points, policies, v0, g0, p.checked, p.units) in
  of_chooser fate limits cycles model claim proof_

let certificate model data v0 g0 claim proof_ : Checks.certificate =
  let p = proof policy model proof_ in
  match (member "fate" claim, p.growth) with
  | Some (String "diverges"), Some proved ->
    let claimed, steps = growth claim in
    if is_rounded p then Linear (model, data, v0, g0, grown p claimed steps proved)
    else Diverges (model, data, claimed, steps, v0, g0, p.checked, proved)
  | Some (String "diverges"), None -> raise (Refused "claim.fate: such a region does not diverge")
  | Some (String ("converges" | "cycles")), Some _ -> raise (Refused "claim.fate: such a region diverges")
  | Some (String "converges"), None ->
    let limit = limit model claim in
    if shrinks p then SideLimits (model, data, limit, v0, g0, p.checked)
    else Limits (model, data, limit, v0, g0, p.checked, p.units)
  | Some (String "cycles"), None ->
    let points, policies = cycle model claim in
    if shrinks p then SideCycles (model, data, points, policies, v0, g0, p.checked)
    else Cycles (model, data, points, policies, v0, g0, p.checked, p.units)
  | _ -> raise (Refused "claim.fate: unknown")
