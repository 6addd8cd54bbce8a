(* Near a position under weights that depend on Q_tot: hints for Checks.accepts of what is chosen there, whatever weighs
   the joint actions whose weights are in doubt. *)

open Json
open Certificate

(* So many joint actions are tried under either weight. *)
let most_doubtful = 8

(* Where targets move by constants, the choices under all weights in doubt. *)
let settled walk weigh least most ys : Checks.near_hint =
  let doubtful = List.length (List.filter Fun.id (List.map2 (fun low high -> high && not low) least most)) in
  need (doubtful <= most_doubtful) "proof.level: too many doubtful joint actions";
  let choice full = let hint, _, _, _, _ = Orders.fitted walk (weigh full) ys in hint in
  Settled (List.map choice (Checks.fillings least most))

(* Elsewhere the regressions with the doubtful weighed least, and the best one with them weighed in full. *)
let apart walk weigh least most ys : Checks.near_hint =
  let (fits, _), _, _, _, _ = Orders.fitted walk (weigh least) ys in
  let (high, place), _, _, error, _ = Orders.fitted walk (weigh most) ys in
  Apart (fits, q (Orders.root_above error), place, List.nth high place)

(* The hints at a position, a state each. *)
let at (walk : Orders.walk) (w : Checks.weighting) radius level ((values, greedy), tables) =
  let doubt = Checks.doubt walk.model radius level in
  let state s g =
    let ys = Checks.targets_of walk.model values s in
    let own = if w.optimistic then List.nth tables s else [] in
    let marked bound = Checks.marked walk.model w values g own ys s bound in
    let weigh full = Checks.weighing walk.model w s g full in
    let near = if Checks.null (Checks.reach walk.model radius s) then settled else apart in
    near walk weigh (marked doubt) (marked (Checks.qopp0 doubt)) ys in
  List.mapi state greedy

(* Two numbers between which the values, and what tables there are, differ from those of another position. *)
let distances ((values, _), tables) ((others, _), tables') =
  let minus x y = Q.sub (of_q x) (of_q y) in
  let found = List.concat (List.map2 (List.map2 minus) (values :: tables) (others :: tables')) in
  let most pick = List.fold_left pick (List.hd found) found in
  (q (most Q.min), q (most Q.max))
