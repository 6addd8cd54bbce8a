(* What an accepted certificate says, in the sentence of the Python checker. *)

(* Checks has a module Z of its own. *)
module Integer = Z
open Checks

let bits (x : q) = Integer.numbits x.qnum + Integer.numbits x.qden
(* In lowest terms, as numbers of documents are. *)
let show_short x = Q.to_string { num = x.qnum; den = x.qden }
let show x = if bits x <= 256 then show_short x else "a long Fraction"

(* The code points of a text of Json. *)
let code_points text =
  let byte k = Char.code text.[k] in
  let rec go k found =
    if k >= String.length text then List.rev found
    else begin
      let length = if byte k < 0x80 then 1 else if byte k < 0xE0 then 2 else if byte k < 0xF0 then 3 else 4 in
      let first = if length = 1 then byte k else byte k land (0xFF lsr (length + 1)) in
      let rec tail j code = if j = length then code else tail (j + 1) ((code lsl 6) lor (byte (k + j) land 0x3F)) in
      go (k + length) (tail 1 first :: found)
    end in
  go 0 []

let escape code =
  match code with
  | 0x22 -> "\\\""
  | 0x5C -> "\\\\"
  | 8 -> "\\b"
  | 12 -> "\\f"
  | 10 -> "\\n"
  | 13 -> "\\r"
  | 9 -> "\\t"
  | c when 32 <= c && c < 127 -> String.make 1 (Char.chr c)
  | c when c < 0x10000 -> Printf.sprintf "\\u%04x" c
  | c -> Printf.sprintf "\\u%04x\\u%04x" (0xD800 + ((c - 0x10000) lsr 10)) (0xDC00 + ((c - 0x10000) land 0x3FF))

(* A text in quotes, in ASCII, cut after 60 code points. *)
let quoted text =
  let plain c = ' ' <= c && c <= '~' && c <> '"' && c <> '\\' in
  if String.length text <= 60 && String.for_all plain text then "\"" ^ text ^ "\""
  else
  let points = code_points text in
  let short = List.filteri (fun k _ -> k < 60) points in
  let rest = if List.compare_length_with points 60 > 0 then "..." else "" in
  "\"" ^ String.concat "" (List.map escape short) ^ rest ^ "\""

let label = function
  | Uniform -> "uniform data"
  | Product _ -> "product data"
  | Joint (_, _) -> "joint data"
  | Follows (_, _) -> "data that follow the joint actions"
  | EpsilonGreedy e -> "epsilon-greedy data of epsilon " ^ show e
  | Exploring (e, _) -> "epsilon-greedy data of epsilon " ^ show e ^ ", exploring by the given marginals"

let vector values =
  let brief = List.compare_length_with values 8 <= 0 && List.for_all (fun x -> bits x <= 256) values in
  if brief then "(" ^ String.concat ", " (List.map show_short values) ^ ")" else "the values stated"

let from prefix = "the stated start, from t = " ^ string_of_int prefix ^ ","

let limit ?(several = "") (c : limit) =
  let greedy = if several = "" then "; the greedy policy is worth " else "; the greedy policy there is worth " in
  String.concat "" [ "converges to "; vector c.values; several; greedy; vector c.own; ", the optimum is "; vector c.optimal ]

(* In how many states no single greedy joint action is known of late iterates. *)
let several (p : choices) =
  let merge = List.map2 (fun known own -> known || List.compare_length_with own 1 > 0) in
  let none = match p.ways with phase :: _ -> List.map (fun _ -> false) phase | [] -> [] in
  match List.length (List.filter Fun.id (List.fold_left merge none p.ways)) with
  | 0 -> ""
  | count -> Printf.sprintf ", the greedy joint actions of %d state(s) among several that are not told apart" count

let cycle = function
  | first :: others as points ->
    let same point = List.for_all2 qeq first point in
    let period = List.length points in
    if List.for_all same others then
      Printf.sprintf "tends to %s while the greedy joint actions cycle with least period %d" (vector first) period
    else Printf.sprintf "tends to a cycle of least period %d through %s" period (vector first)
  | [] -> "tends to no point"

let growth g steps =
  let rate = (if g.geometric then "by the factor " else "by ") ^ show g.rate in
  Printf.sprintf "diverges: an affine functional of V grows at least %s every %d step(s)" rate steps

let between what lower upper = String.concat "" [ "stays bounded: "; what; " between "; vector lower; " and "; vector upper ]
let difference r = "V - V(state " ^ string_of_int r ^ ")"

let fate = function
  | Grows (g, steps, p, _) | Swells (g, steps, p, _) -> (from p.prefix, growth g steps)
  | Boxed (prefix, lower, upper) -> (from prefix, between "V" lower upper)
  | Differs (prefix, r, lower, upper, _) | Confined (prefix, r, lower, upper, _) | Celled (prefix, r, lower, upper, _)
  | Gridded (prefix, r, lower, upper, _, _) ->
    (from prefix, between (difference r) lower upper)
  | Wanders (prefix, r, lower, upper, _, _) | Repelled (prefix, r, lower, upper, _, _) ->
    (from prefix, between (difference r) lower upper ^ ", and it approaches no cycle")

(* The weights that depend on Q_tot, if any, before the data that they are over. *)
let weights = function
  | WeightedLimits (_, w, _, _, _, _, _, _) | WeightedCycles (_, w, _, _, _, _, _)
  | NearLimits (_, w, _, _, _, _, _, _, _, _, _, _, _) | NearCycles (_, w, _, _, _, _, _, _, _, _, _, _)
  | WeightedBox (_, w, _, _, _, _, _)
  | WeightedRayLimits (_, w, _, _, _, _, _, _, _, _, _, _) | WeightedRayCycles (_, w, _, _, _, _, _, _, _, _, _) ->
    (if w.optimistic then "optimistic" else "central") ^ " weights of alpha " ^ show w.alpha ^ " over "
  | _ -> ""

(* Model, data, start and fate. *)
let parts = function
  | Optimality (m, d, c) -> (m, d, ("every start", limit c))
  | Contraction (m, d, c, _, _) -> (m, d, ("every start", limit c))
  | Limits (m, d, c, _, _, p, _) -> (m, d, (from p.prefix, limit c))
  | Cycles (m, d, points, _, _, _, p, _) -> (m, d, (from p.prefix, cycle points))
  | Diverges (m, d, g, steps, _, _, p, _) -> (m, d, (from p.prefix, growth g steps))
  | Linear (m, d, _, _, f) -> (m, d, fate f)
  | Sums (m, d, _, _, _, _, f) -> (m, d, fate f)
  | ClassContraction (m, d, _, _, c, _, _) -> (m, d, ("every start", limit c))
  | ClassLimits (m, d, _, _, c, _, _, p, _) -> (m, d, (from p.prefix, limit c))
  | ClassCycles (m, d, _, _, points, _, _, _, p, _) -> (m, d, (from p.prefix, cycle points))
  | SideLimits (m, d, c, _, _, p) -> (m, d, (from p.prefix, limit c))
  | SideCycles (m, d, points, _, _, _, p) -> (m, d, (from p.prefix, cycle points))
  | RuleFate (m, d, _, _, _, _, _, f) -> (m, d, fate f)
  | RuleContraction (m, d, _, _, _, c, _, _) -> (m, d, ("every start", limit c))
  | RuleLimits (m, d, _, _, _, c, _, _, p, _) -> (m, d, (from p.prefix, limit c))
  | RuleCycles (m, d, _, _, _, points, _, _, _, p, _) -> (m, d, (from p.prefix, cycle points))
  | OpenFate (m, d, _, _, f) -> (m, d, fate f)
  | OpenLimits (m, d, c, _, _, p, _) -> (m, d, (from p.prefix, limit c))
  | OpenCycles (m, d, points, _, _, _, p, _) -> (m, d, (from p.prefix, cycle points))
  | LeastFate (m, d, _, _, _, _, f) -> (m, d, fate f)
  | LeastContraction (m, d, _, _, c, _, _) -> (m, d, ("every start", limit c))
  | LeastLimits (m, d, _, _, c, _, _, p, _) -> (m, d, (from p.prefix, limit c))
  | LeastCycles (m, d, _, _, points, _, _, _, p, _) -> (m, d, (from p.prefix, cycle points))
  | FactorsFate (m, d, _, _, _, f) -> (m, d, fate f)
  | FactorsLimits (m, d, _, c, _, _, p, _) -> (m, d, (from p.prefix, limit c))
  | FactorsCycles (m, d, _, points, _, _, _, p, _) -> (m, d, (from p.prefix, cycle points))
  | OrderLimits (m, d, c, _, _, prefix, _, _, _, _, _) -> (m, d, (from prefix, limit c))
  | OrderCycles (m, d, points, _, _, _, prefix, _, _, _, _, _) -> (m, d, (from prefix, cycle points))
  | WeightedLimits (m, w, c, _, _, prefix, _, _) -> (m, w.base_data, (from prefix, limit c))
  | WeightedCycles (m, w, points, _, prefix, _, _) ->
    (m, w.base_data, (from prefix, cycle (List.map (fun ((values, _), _) -> values) points)))
  | NearLimits (m, w, c, _, _, prefix, _, _, _, _, _, _, _) -> (m, w.base_data, (from prefix, limit c))
  | NearCycles (m, w, points, _, prefix, _, _, _, _, _, _, _) ->
    (m, w.base_data, (from prefix, cycle (List.map (fun ((values, _), _) -> values) points)))
  | WeightedBox (m, w, _, prefix, _, lower, upper) -> (m, w.base_data, (from prefix, between "V" lower upper))
  | ChoiceLimits (m, d, c, _, _, p) -> (m, d, (from p.opening, limit ~several:(several p) c))
  | ChoiceCycles (m, d, points, _, _, _, p) -> (m, d, (from p.opening, cycle points ^ several p))
  | RuleChoiceLimits (m, d, _, _, _, c, _, _, p) -> (m, d, (from p.opening, limit ~several:(several p) c))
  | RuleChoiceCycles (m, d, _, _, _, points, _, _, _, p) -> (m, d, (from p.opening, cycle points ^ several p))
  | OrderBox (m, d, _, _, prefix, _, lower, upper) -> (m, d, (from prefix, between "V" lower upper))
  | RayLimits (m, d, c, _, _, prefix, _, _, _, _, _) -> (m, d, (from prefix, limit c))
  | RayCycles (m, d, points, _, _, _, prefix, _, _, _, _, _) -> (m, d, (from prefix, cycle points))
  | WeightedRayLimits (m, w, c, _, _, prefix, _, _, _, _, _, _) -> (m, w.base_data, (from prefix, limit c))
  | WeightedRayCycles (m, w, points, _, prefix, _, _, _, _, _, _) ->
    (m, w.base_data, (from prefix, cycle (List.map (fun ((values, _), _) -> values) points)))
  | Monotone (m, d, _, lower, upper) -> (m, d, (from 0, between "V" lower upper))

(* What is chosen at ties: orders, actions of each agent, or joint actions. *)
let chosen = function
  | "monotonic" -> "orders of actions"
  | "linear" | "igm" -> "action"
  | _ -> "joint action"

let sentence ({ name; factorization; ties; chosen = choice; checked } : Certificate.t) =
  let model, data, (start, fate) = parts checked in
  let long = String.length factorization > 60 in
  let short = if long then String.sub factorization 0 60 ^ "..." else factorization in
  String.concat ""
    [ "model "; quoted name; ", discount "; show model.discount; ", "; weights checked; label data; choice; ", "; short; " factorization, "; ties; " ";
      chosen factorization; " at ties: V from "; start; " "; fate ]
