(* Function classes that are sums of functions of sets of agents. *)

open Json

(* A number of at most six digits without a sign. *)
let small text =
  let right = String.length text > 0 && String.length text <= 6 && Reading.after_digits text 0 = String.length text in
  if right then Some (int_of_string text) else None

let rec choose size = function
  | _ when size = 0 -> [ [] ]
  | [] -> []
  | agent :: rest -> List.map (List.cons agent) (choose (size - 1) rest) @ choose size rest

let wrong () = raise (Refused "certificate.factorization: unknown")

(* A set of a graph such as 0-1, counted from 0. *)
let edge agents text =
  let member text = match small text with Some agent -> agent | None -> wrong () in
  let found = List.sort_uniq compare (List.map member (String.split_on_char '-' text)) in
  need (List.for_all (fun agent -> agent < agents) found) "certificate.factorization: no such agent";
  let given = List.length (String.split_on_char '-' text) in
  need (given > 1) "certificate.factorization: a set of one agent";
  need (given = List.length found) "certificate.factorization: an agent occurs twice in a set";
  found

(* The sets of a class by its name, for so many agents; None where it is none of these classes. *)
let sets agents name =
  let all = List.init agents Fun.id in
  let after prefix = String.sub name (String.length prefix) (String.length name - String.length prefix) in
  let begins prefix = String.starts_with ~prefix name in
  if name = "joint" then Some [ all ]
  else if begins "additive:" then begin
    match small (after "additive:") with
    | Some order when order > 0 && name.[String.length "additive:"] <> '0' -> Some (choose (min order agents) all)
    | _ -> wrong ()
  end
  else if begins "graph:" then begin
    let edges = List.map (edge agents) (String.split_on_char ',' (after "graph:")) in
    Some (List.map (fun agent -> [ agent ]) all @ List.sort_uniq compare edges)
  end
  else None
