(* The hint that joint data without full support determine the fits of a class. *)

let indicator right = if right then Q.one else Q.zero

(* At a state with the weights w: for each joint action without weight numbers z(b) for those with weight, so that the
   indicators of the choices of the sets at it are the sum of z(b) times those at b; where there are none, numbers that are
   refused. They solve one system for all of them. *)
let hint sets sizes w : Checks.q list list =
  let all = List.combine (Checks.tuples sizes) w in
  let backed, left = List.partition (fun (_, w) -> Q.sign w > 0) all in
  let equations set =
    let own = List.map (fun (action, _) -> List.map (List.nth action) set) in
    let known = own backed and asked = own left in
    let row key = Array.of_list (List.map (fun other -> indicator (other = key)) (known @ asked)) in
    List.map row (List.sort_uniq compare (known @ asked)) in
  let found = Hints.solved (Array.of_list (List.concat_map equations sets)) (List.length backed) in
  let given = List.map2 (fun (action, _) own -> (action, Option.map Array.of_list own)) backed found in
  let place = List.mapi (fun k (action, _) -> (action, k)) left in
  let entry k (action, _) =
    match List.assoc_opt action given with Some (Some own) -> own.(k) | Some None | None -> Q.zero in
  let number (x : Q.t) : Checks.q = { qnum = x.num; qden = x.den } in
  let row (action, _) =
    match List.assoc_opt action place with Some k -> List.map (fun b -> number (entry k b)) all | None -> [] in
  List.map row all

(* The rows of fits at all states, with that hint after those of the sets where some weight is 0. *)
let after sets sizes tables rows =
  let extend w own = if List.exists (fun x -> Q.sign x = 0) w then own @ [ hint sets sizes w ] else own in
  List.map2 extend tables rows
