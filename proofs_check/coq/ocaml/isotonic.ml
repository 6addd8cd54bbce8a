(* Isotonic regressions along steps upwards, with multipliers: what is not constant on a block is split where surpluses
   cannot flow up into deficits. Checks.accepts verifies both. *)

(* up: for each cell those one step up. *)
type graph = { up : int list array; down : int list array }

let graph up =
  let down = Array.make (Array.length up) [] in
  Array.iteri (fun a -> List.iter (fun b -> down.(b) <- a :: down.(b))) up;
  { up; down }

(* The cells that what is left at a source can reach within a block, and how: the first with a deficit, if any. *)
let search graph inside flow left source =
  let came = Hashtbl.create 16 in
  Hashtbl.add came source source;
  let queue = Queue.create () in
  Queue.add source queue;
  let carries low high = match Hashtbl.find_opt flow (low, high) with Some x -> Q.sign x > 0 | None -> false in
  let rec go () =
    if Queue.is_empty queue then None
    else begin
      let here = Queue.pop queue in
      if Q.sign left.(here) < 0 then Some here
      else begin
        let visit there =
          if not (Hashtbl.mem came there) then begin
            Hashtbl.add came there here;
            Queue.add there queue
          end in
        List.iter (fun there -> if inside.(there) then visit there) graph.up.(here);
        List.iter (fun there -> if inside.(there) && carries there here then visit there) graph.down.(here);
        go ()
      end
    end in
  (came, go ())

(* Send what a path from the source to the end bears. *)
let send graph flow left came source last =
  let amount_of low high = Option.value ~default:Q.zero (Hashtbl.find_opt flow (low, high)) in
  let rec path here found = if here = source then found else
      let before = Hashtbl.find came here in path before ((before, here) :: found) in
  let steps = path last [] in
  let upward (a, b) = List.mem b graph.up.(a) in
  let bears least (a, b) = if upward (a, b) then least else Q.min least (amount_of b a) in
  let amount = List.fold_left bears (Q.min left.(source) (Q.neg left.(last))) steps in
  let move (a, b) =
    if upward (a, b) then Hashtbl.replace flow (a, b) (Q.add (amount_of a b) amount)
    else Hashtbl.replace flow (b, a) (Q.sub (amount_of b a) amount) in
  List.iter move steps;
  left.(source) <- Q.sub left.(source) amount;
  left.(last) <- Q.add left.(last) amount

(* The flow that absorbs all the surplus of a block that can be, and the cells that the rest reaches. *)
let absorbed graph block surplus =
  let count = Array.length graph.up in
  let inside = Array.make count false and left = Array.make count Q.zero and stuck = Array.make count false in
  List.iter (fun a -> inside.(a) <- true; left.(a) <- surplus a) block;
  let flow = Hashtbl.create 16 in
  let rec drain source =
    if Q.sign left.(source) > 0 && not stuck.(source) then begin
      let came, found = search graph inside flow left source in
      (match found with
       | Some last -> send graph flow left came source last
       | None -> Hashtbl.iter (fun a _ -> stuck.(a) <- true) came);
      drain source
    end in
  List.iter drain block;
  (flow, stuck)

(* The regression of y under positive weights w, the multipliers (low, high, amount), and the block of each cell. *)
let regression graph w y =
  let levels = Array.make (Array.length y) Q.zero and flows = ref [] in
  let homes = Array.make (Array.length y) 0 and blocks = ref 0 in
  let sum f block = List.fold_left (fun found a -> Q.add found (f a)) Q.zero block in
  let rec settle block =
    let mean = Q.div (sum (fun a -> Q.mul w.(a) y.(a)) block) (sum (fun a -> w.(a)) block) in
    let flow, stuck = absorbed graph block (fun a -> Q.mul w.(a) (Q.sub y.(a) mean)) in
    match List.partition (fun a -> stuck.(a)) block with
    | [], _ ->
      List.iter (fun a -> levels.(a) <- mean; homes.(a) <- !blocks) block;
      incr blocks;
      Hashtbl.iter (fun (a, b) amount -> if Q.sign amount > 0 then flows := (a, b, amount) :: !flows) flow
    | high, low -> settle high; settle low in
  settle (List.init (Array.length y) Fun.id);
  (levels, !flows, homes)

(* The means of y over given blocks, and multipliers within them; these suffice where the means are the regression. *)
let within graph (homes : int array) w y =
  let levels = Array.make (Array.length y) Q.zero and flows = ref [] in
  let sum f block = List.fold_left (fun found a -> Q.add found (f a)) Q.zero block in
  let enter home =
    let block = List.filter (fun a -> homes.(a) = home) (List.init (Array.length y) Fun.id) in
    let mean = Q.div (sum (fun a -> Q.mul w.(a) y.(a)) block) (sum (fun a -> w.(a)) block) in
    let flow, _ = absorbed graph block (fun a -> Q.mul w.(a) (Q.sub y.(a) mean)) in
    List.iter (fun a -> levels.(a) <- mean) block;
    Hashtbl.iter (fun (a, b) amount -> if Q.sign amount > 0 then flows := (a, b, amount) :: !flows) flow in
  List.iter enter (List.init (1 + Array.fold_left max 0 homes) Fun.id);
  (levels, !flows)
