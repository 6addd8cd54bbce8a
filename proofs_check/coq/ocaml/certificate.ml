(* A certificate/1 document as one of the certificates of Checks. This copies numbers and chooses the kind; whatever
   must hold of the numbers is checked by Checks.accepts. *)

open Json
open Reading

(* Of a kind that has no checker in Coq: nothing is said about its truth. *)
exception Not_covered of string

type t = { name : string; factorization : string; ties : string; chosen : string; checked : Checks.certificate }

let max_agents = 64
let q x : Checks.q = { qnum = Q.num x; qden = Q.den x }
let qs = List.map q

(* Numbers of a document are in lowest terms. *)
let of_q (x : Checks.q) : Q.t = { num = x.qnum; den = x.qden }
let numbers ?count where value = List.map (fun x -> q (number where x)) (entries ?count where value)

(* Probabilities by the names of the states, in the order of the states. *)
let chances states where value =
  let row = Array.make (count states) Q.zero in
  let set (name, chance) = row.(place where states (String name)) <- number where chance in
  (match value with Object found -> List.iter set found | _ -> refuse where ": expected an object");
  Array.to_list row

(* The place of a joint action, given by its names. *)
let rec joint_place found agents names =
  match (agents, names) with
  | agent :: agents, name :: names -> joint_place ((found * count agent) + place "" agent name) agents names
  | [], [] -> found
  | _ -> raise (Refused ": another number of entries")

(* The keys are mostly in this order. *)
let transition states agents rows value =
  let state, action, reward, next =
    match value with
    | Object [ ("state", state); ("action", action); ("reward", reward); ("next", next) ] -> (state, action, reward, next)
    | _ ->
      let get = members [ "state"; "action"; "reward"; "next" ] "" value in
      (get "state", get "action", get "reward", get "next") in
  let action = joint_place 0 agents (entries "" action) in
  let row = q (number "" reward) :: qs (chances states "" next) in
  let own = rows.(place "" states state) in
  if own.(action) != [] then raise (Refused ": this state and joint action occur twice");
  own.(action) <- row

(* Every state and joint action occurs once: none twice, and as many as there are. *)
let rows states agents sizes value =
  let found = entries "model.transitions" value in
  let wanted = List.fold_left (fun n size -> Z.mul n (Z.of_int size)) (Z.of_int (count states)) sizes in
  need (Z.equal wanted (Z.of_int (List.length found))) "model.transitions: another number of entries";
  let rows = Array.init (count states) (fun _ -> Array.make (List.fold_left ( * ) 1 sizes) []) in
  let enter k value =
    try transition states agents rows value
    with Refused reason -> raise (Refused (Printf.sprintf "model.transitions[%d]%s" k reason)) in
  List.iteri enter found;
  Array.to_list (Array.map Array.to_list rows)

(* The name and the numbers of an mmdp/1 document, with the rule at ties. *)
let model lasts value : string * Checks.model =
  let optional = [ "name"; "source"; "start" ] in
  let get = members ~optional [ "format"; "discount"; "states"; "actions"; "transitions" ] "model" value in
  need (get "format" = String "mmdp/1") "model.format: expected mmdp/1";
  let said key = match member key value with Some given -> text ("model." ^ key) given | None -> "" in
  ignore (said "source");
  let states = numbered "model.states" (get "states") in
  let agents = List.map (numbered "model.actions") (entries "model.actions" (get "actions")) in
  need (agents <> [] && List.length agents <= max_agents) "model.actions: expected from 1 to 64 agents";
  let start given =
    let found = chances states "model.start" given in
    let right = Q.equal (Hints.total found) Q.one && List.for_all (fun x -> Q.sign x >= 0) found in
    need right "model.start: not a distribution" in
  Option.iter start (member "start" value);
  let sizes = List.map count agents in
  let rows = rows states agents sizes (get "transitions") in
  (said "name", { sizes; discount = q (number "model.discount" (get "discount")); rows; lasts })

(* A table nested over the agents' actions, in lexicographic order. *)
let rec flat ?(where = "data.joint") sizes value =
  match sizes with
  | [] -> [ number where value ]
  | size :: rest -> List.concat_map (flat ~where rest) (entries ~count:size where value)

(* The hint of a fit at every state, the weights of the joint actions given; product: whether they are products. *)
let fits product sets (model : Checks.model) tables =
  let fit = if product && Parts.feasible sets then Parts.fitted else Hints.fitted in
  let discount = of_q model.discount in
  List.map2 (fun weights rows -> List.map (List.map qs) (fit sets model.sizes discount weights (List.map (List.map of_q) rows)))
    tables model.rows

(* The weights of the joint actions at a state, under fixed data. *)
let weights_at (model : Checks.model) (data : Checks.data) s =
  let product agents =
    let joined table agent = List.concat_map (fun x -> List.map (Q.mul x) agent) table in
    List.fold_left joined [ Q.one ] agents in
  match data with
  | Product marginals -> product (List.map (fun agent -> List.map of_q (List.nth agent s)) marginals)
  | Joint (tables, _) -> List.map of_q (List.nth tables s)
  | Uniform | EpsilonGreedy _ | Exploring _ | Follows _ -> List.map (fun _ -> Q.one) (List.nth model.rows s)

let weights (model : Checks.model) data = List.mapi (fun s _ -> weights_at model data s) model.rows

(* What takes the place of a fit where data leave it open, in words; data of other kinds have no such key. *)
let choice kind value =
  match member "unsupported" value with
  | None -> ""
  | Some (String "choose") -> ", what they leave open chosen " ^ if kind = "joint" then "by least norm" else "in closed form"
  | Some _ -> raise (Refused "data.unsupported: expected choose")

let full (data : Checks.data) =
  let positive = List.for_all (fun x -> Q.sign (of_q x) > 0) in
  match data with
  | Product marginals -> List.for_all (List.for_all positive) marginals
  | Joint (tables, _) -> List.for_all positive tables
  | Uniform | EpsilonGreedy _ | Exploring _ | Follows _ -> true

(* Joint data, with the hint of the fit where the class is linear and no fit is chosen. *)
let joint linear (model : Checks.model) document : Checks.data =
  let value = members ~optional:[ "unsupported" ] [ "kind"; "joint" ] "data" document "joint" in
  let where = "data.joint" in
  let tables = List.map (flat model.sizes) (entries ~count:(List.length model.rows) where value) in
  let open_ = List.exists (List.exists (fun x -> Q.sign x = 0)) tables in
  let singles = Hints.singles model.sizes in
  let hint () = Support.after singles model.sizes tables (fits false singles model tables) in
  Joint (List.map qs tables, if linear && not (open_ && has "unsupported" document) then hint () else [])

(* A distribution of every agent at every state. *)
let marginals (model : Checks.model) where value =
  let states = List.length model.rows in
  let agent size given = List.map (numbers ~count:size where) (entries ~count:states where given) in
  List.map2 agent model.sizes (entries ~count:(List.length model.sizes) where value)

let data linear (model : Checks.model) value : Checks.data =
  let get keys = members ("kind" :: keys) "data" value in
  match member "kind" value with
  | Some (String "uniform") ->
    let (_ : string -> Json.t) = get [] in
    Uniform
  | Some (String "product") ->
    let get = members ~optional:[ "unsupported" ] [ "kind"; "marginals" ] "data" value in
    Product (marginals model "data.marginals" (get "marginals"))
  | Some (String "joint") -> joint linear model value
  | Some (String "epsilon-greedy") ->
    let get = members ~optional:[ "exploring" ] [ "kind"; "epsilon" ] "data" value in
    let epsilon = q (number "data.epsilon" (get "epsilon")) in
    (match member "exploring" value with
     | Some given -> Exploring (epsilon, marginals model "data.exploring" given)
     | None -> EpsilonGreedy epsilon)
  | _ -> raise (Refused "data.kind: unknown")

(* Whether data follow the greedy joint actions. *)
let moving : Checks.data -> bool = function EpsilonGreedy _ | Exploring _ | Follows _ -> true | Uniform | Product _ | Joint _ -> false

(* The state of reference of a claim. *)
let about (model : Checks.model) value = index ~most:(List.length model.rows - 1) 0 "claim.reference" value

let values (model : Checks.model) where value = numbers ~count:(List.length model.rows) where value

(* A joint action a state. *)
let policy (model : Checks.model) where value =
  let action given size = index ~most:(size - 1) 0 where given in
  let joint given = List.map2 action (entries ~count:(List.length model.sizes) where given) model.sizes in
  List.map joint (entries ~count:(List.length model.rows) where value)

(* lower <= V - V(reference) <= upper: the reference, and the two bounds. *)
let bounds model fate value =
  let get = members [ "fate"; "reference"; "lower"; "upper" ] "claim" value in
  need (get "fate" = String fate) ("claim.fate: this kind of proof shows " ^ fate);
  let own key = values model ("claim." ^ key) (get key) in
  (get "reference", own "lower", own "upper")

let limit model value : Checks.limit =
  let get = members [ "fate"; "values"; "greedy"; "optimal_values"; "policy_values" ] "claim" value in
  need (get "fate" = String "converges") "claim.fate: this kind of proof shows convergence";
  let own key = values model ("claim." ^ key) (get key) in
  { values = own "values"; policy = policy model "claim.greedy" (get "greedy");
    optimal = own "optimal_values"; own = own "policy_values" }
