(* From a document to the certificate that it is, or to a reason why it is none or none that is covered. *)

open Json
open Reading
open Certificate

(* The weights and the factor of a contraction. *)
let contracting model proof =
  let get = members [ "kind"; "weights"; "factor" ] "proof" proof in
  (values model "proof.weights" (get "weights"), q (number "proof.factor" (get "factor")))

let contraction model data claim proof : Checks.certificate =
  let weights, factor = contracting model proof in
  Contraction (model, data, limit model claim, weights, factor)

let optimality model data claim proof : Checks.certificate =
  ignore (members [ "kind" ] "proof" proof "kind");
  Optimality (model, data, limit model claim)

let apart what = raise (Not_covered what)

(* What is claimed of the values by a box: the number of steps before it, and the bounds. *)
let box model claim proof =
  let prefix = index 0 "proof.prefix" (members [ "kind"; "prefix" ] "proof" proof "prefix") in
  let reference, lower, upper = bounds model "bounded" claim in
  need (reference = Null) "claim.reference: expected null";
  (prefix, lower, upper)

(* Fitted classes have these kinds of proof. *)
let fitted =
  [ "contraction"; "region"; "choices"; "box"; "differences"; "interval"; "expanding"; "cells"; "repelling"; "grid" ]

(* For each state but the reference, for each joint action, above and below, a distribution of every chooser. *)
let mixtures counts joint (model : Checks.model) reference value =
  let where = "proof.mixtures" in
  let mixture given = List.map2 (fun count own -> numbers ~count where own) counts
      (entries ~count:(List.length counts) where given) in
  let each given = List.map mixture (entries ~count:joint where given) in
  let state s given =
    if s = reference then (ignore (entries ~count:0 where given); ([], []))
    else match entries ~count:2 where given with
      | [ above; below ] -> (each above, each below)
      | _ -> raise (Refused where) in
  List.mapi state (entries ~count:(List.length model.rows) where value)

(* Fates of differences. lines: for a state and the other one the factors of each chooser as functions of x; counts:
   how many actions the choosers have. *)
let differences counts joint lines (model : Checks.model) (data : Checks.data) claim proof kind : Checks.fate =
  need (not (moving data)) "proof.kind: needs fixed data";
  let prefix get = index 0 "proof.prefix" (get "prefix") in
  if kind = "differences" then begin
    let get = members [ "kind"; "prefix"; "mixtures" ] "proof" proof in
    let reference, lower, upper = bounds model "bounded" claim in
    let r = about model reference in
    Differs (prefix get, r, lower, upper, mixtures counts joint model r (get "mixtures"))
  end
  else begin
    let wanders = kind = "expanding" in
    let get = members ([ "kind"; "prefix" ] @ if wanders then [ "prime" ] else []) "proof" proof in
    let prime = if wanders then index ~most:1_000_003 2 "proof.prime" (get "prime") else 2 in
    let reference, lower, upper = bounds model (if wanders then "aperiodic" else "bounded") claim in
    let r = about model reference in
    need (List.length model.rows = 2) "proof.kind: needs two states";
    let low, high = of_q (List.nth lower (1 - r)), of_q (List.nth upper (1 - r)) in
    let piece (a, b, at_ref, at_other) : Checks.piece = { start_at = q a; stop_at = q b; at_ref; at_other } in
    let found = List.map piece (Pieces.pieces low high (lines r (1 - r)) (lines (1 - r) (1 - r))) in
    if wanders then Wanders (prefix get, r, lower, upper, found, Z.of_int prime)
    else Confined (prefix get, r, lower, upper, found)
  end

(* Rows of factors as functions of the difference of state o. *)
let as_lines o rows =
  let line row = (of_q (List.nth row 0), of_q (List.nth row (o + 1))) in
  List.map (List.map line) rows

(* The hint of the linear fit at a state, each agent's rows up to a number. *)
let linear_rows (model : Checks.model) (data : Checks.data) s =
  match data with
  | Joint (_, hint) -> List.filteri (fun i _ -> i < List.length model.sizes) (List.nth hint s)
  | _ ->
    let rows = List.map (List.map of_q) (List.nth model.rows s) in
    let means = Hints.means model.sizes (of_q model.discount) (weights_at model data s) rows in
    List.map (List.map qs) means

type start = { values : Checks.q list; greedy : int list list }

(* The joint actions that data follow as actions of the one chooser, none under fixed data. *)
let alone model data around = if moving data then Checks.alone model around else []

(* One chooser takes the joint actions, by their places. *)
let ruled (made : Rules.made) (model : Checks.model) data claim proof kind : Checks.certificate =
  let joint = List.fold_left ( * ) 1 model.sizes in
  match kind with
  | "box" ->
    let prefix, lower, upper = box model claim proof in
    made.fate (Boxed (prefix, lower, upper))
  | "region" -> Regions.of_chooser made.fate made.limits made.cycles model claim proof
  | "contraction" ->
    let weights, factor = contracting model proof in
    made.contraction (limit model claim) weights factor
  | "cells" | "repelling" ->
    let lines around s o = as_lines o [ made.rows s (if moving data then List.nth around s else []) ] in
    made.fate (Cells.fate lines (alone model data) model data claim proof kind)
  | "grid" -> made.fate (Cells.grid (alone model data) model data claim proof)
  | _ ->
    let lines s o = as_lines o [ made.rows s [] ] in
    made.fate (differences [ joint ] joint lines model data claim proof kind)

(* What is chosen where the data leave a fit open. *)
let chooses sets model (data : Checks.data) start =
  match data with
  | Joint _ -> Norms.made sets model data start.values start.greedy
  | _ -> Rules.made ClosedForm sets model data start.values start.greedy

(* The choice for the linear class, by its factors; by the chooser of joint actions where proofs speak of Q_tot alone. *)
let closed (model : Checks.model) (data : Checks.data) start claim proof kind : Checks.certificate =
  let made () =
    match data with
    | Joint _ -> Norms.factors model data start.values start.greedy
    | _ -> Regions.closed_form model data start.values start.greedy in
  let lines s o = as_lines o (Checks.fit_at model data s []) in
  match (data, kind) with
  | _, ("box" | "contraction") | Joint _, ("interval" | "expanding" | "cells" | "repelling") ->
    ruled (chooses (Hints.singles model.sizes) model data start) model data claim proof kind
  | _, "region" -> Regions.of_agents (made ()) model claim proof
  | _, ("cells" | "repelling") -> (made ()).fate (Cells.fate (fun _ -> lines) Fun.id model data claim proof kind)
  | _, "grid" -> (made ()).fate (Cells.grid Fun.id model data claim proof)
  | _ ->
    let joint = List.fold_left ( * ) 1 model.sizes in
    (made ()).fate (differences model.sizes joint lines model data claim proof kind)

let linear (model : Checks.model) data start claim proof kind : Checks.certificate =
  match kind with
  | "contraction" -> contraction model data claim proof
  | "choices" -> Choices.of_agents model data start.values start.greedy claim proof
  | "box" ->
    let prefix, lower, upper = box model claim proof in
    Linear (model, data, start.values, start.greedy, Boxed (prefix, lower, upper))
  | "differences" | "interval" | "expanding" ->
    let lines s o = as_lines o (linear_rows model data s) in
    let joint = List.fold_left ( * ) 1 model.sizes in
    Linear (model, data, start.values, start.greedy, differences model.sizes joint lines model data claim proof kind)
  | "cells" | "repelling" ->
    let rows around s =
      if moving data then Checks.fit_at model data s (List.nth around s) else linear_rows model data s in
    let lines around s o = as_lines o (rows around s) in
    Linear (model, data, start.values, start.greedy, Cells.fate lines Fun.id model data claim proof kind)
  | "grid" -> Linear (model, data, start.values, start.greedy, Cells.grid Fun.id model data claim proof)
  | _ -> Regions.certificate model data start.values start.greedy claim proof

let sums sets (model : Checks.model) data start claim proof kind : Checks.certificate =
  let product = match data with Checks.Joint _ -> false | _ -> true in
  let found = fits product sets model (weights model data) in
  let hint = if product then found else Support.after sets model.sizes (weights model data) found in
  let joint = List.fold_left ( * ) 1 model.sizes in
  let lines s o = as_lines o [ Hints.summed sets model.sizes (List.nth found s) ] in
  let values fate : Checks.certificate = Sums (model, data, sets, hint, start.values, start.greedy, fate) in
  match kind with
  | "box" ->
    let prefix, lower, upper = box model claim proof in
    values (Boxed (prefix, lower, upper))
  | "region" -> Regions.of_class sets hint model data start.values start.greedy claim proof
  | "contraction" ->
    let weights, factor = contracting model proof in
    ClassContraction (model, data, sets, hint, limit model claim, weights, factor)
  | "cells" | "repelling" -> values (Cells.fate (fun _ -> lines) Fun.id model data claim proof kind)
  | "grid" -> values (Cells.grid Fun.id model data claim proof)
  | _ -> values (differences [ joint ] joint lines model data claim proof kind)

(* The fits of a class of sums; open_: whether a fit is chosen where the data leave it open. *)
let fits_of open_ sets model (data : Checks.data) start claim proof kind =
  match data with
  | EpsilonGreedy _ | Exploring _ when kind = "choices" ->
    Choices.of_class sets model data start.values start.greedy claim proof
  | EpsilonGreedy _ | Exploring _ ->
    ruled (Rules.made Squares sets model data start.values start.greedy) model data claim proof kind
  | _ when open_ -> ruled (chooses sets model data start) model data claim proof kind
  | _ -> sums sets model data start claim proof kind

(* Under weights that depend on Q_tot; the tables of the start are those of `initial`. *)
let weighted model w start given claim proof kind : Checks.certificate =
  let tables = Option.fold ~none:[] ~some:(Weighted.tables model "initial.tables") given in
  let start = ((start.values, start.greedy), tables) in
  match kind with
  | "box" -> Weighted.box model w start (box model claim proof)
  | "ray" -> Weighted_rays.certificate model w start claim proof
  | _ -> Weighted.certificate model w start claim proof

let monotone model data start claim proof kind : Checks.certificate =
  if kind = "ray" then Rays.certificate model data start.values start.greedy claim proof else
  if kind = "monotonic" then Orders.certificate model data start.values start.greedy claim proof else
  let prefix, lower, upper = box model claim proof in
  if prefix > 0 then Orders.box model data start.values start.greedy (prefix, lower, upper)
  else Monotone (model, data, start.values, lower, upper)

let name where key value =
  match member key value with
  | Some (String found) -> found
  | _ -> raise (Refused (Printf.sprintf "%s.%s: expected a name" where key))

let known factorization sets kind =
  match (factorization, kind) with
  | "igm", "optimality" | "monotonic", ("monotonic" | "ray" | "box") -> true
  | "linear", _ -> List.mem kind fitted
  | _ -> sets <> None && List.mem kind fitted

let read document =
  let keys = [ "format"; "model"; "data"; "factorization"; "ties"; "initial"; "claim"; "proof" ] in
  let get = members keys "certificate" document in
  need (get "format" = String "certificate/1") "certificate.format: expected certificate/1";
  let ties = text "certificate.ties" (get "ties") in
  need (ties = "first" || ties = "last") "certificate.ties: expected first or last";
  let weights = Weighted.parts (get "data") in
  let stated = match weights with Some (_, _, base) -> base | None -> get "data" in
  let kind = name "data" "kind" stated in
  let title, model = model (ties = "last") (get "model") in
  let factorization = text "certificate.factorization" (get "factorization") in
  let sets = Sums.sets (List.length model.sizes) factorization in
  let chosen = choice kind stated in
  let data = data (factorization = "linear") model stated in
  let weights = Option.map (fun own -> Weighted.weighting own data) weights in
  need (weights = None || factorization = "monotonic") "data: weights that depend on Q_tot need the monotonic factorization";
  let open_ = chosen <> "" && factorization <> "joint" && not (full data) in
  let proof = get "proof" in
  let kind = name "proof" "kind" proof in
  need (known factorization sets kind) "proof.kind: unknown with this factorization";
  need (kind <> "choices" || moving data) "proof.kind: needs data that follow the greedy actions";
  let initial, tables =
    match weights with Some w -> Weighted.apart w "initial" (get "initial") | None -> (get "initial", None) in
  let initial = members [ "values"; "greedy" ] "initial" initial in
  let start = { values = values model "initial.values" (initial "values");
                greedy = policy model "initial.greedy" (initial "greedy") } in
  let checked =
    match (factorization, sets) with
    | _ when Option.is_some weights -> weighted model (Option.get weights) start tables (get "claim") proof kind
    | "igm", _ -> optimality model data (get "claim") proof
    | "monotonic", _ -> monotone model data start (get "claim") proof kind
    | _, Some sets -> fits_of open_ sets model data start (get "claim") proof kind
    | _ when open_ -> closed model data start (get "claim") proof kind
    | _ -> linear model data start (get "claim") proof kind in
  { name = title; factorization; ties; chosen; checked }
