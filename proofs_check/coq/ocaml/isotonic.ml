(* Isotonic regressions along steps upwards, in integers, with multipliers: what is not constant on a block is split where
   surpluses cannot flow up into deficits. Checks.accepts verifies both. *)

(* up: for each cell those one step up; down: those one step down, and the place of the cell among what is up from them. *)
type graph = { up : int array array; down : (int * int) array array }

let graph up =
  let down = Array.make (Array.length up) [] in
  Array.iteri (fun a -> List.iteri (fun j b -> down.(b) <- (a, j) :: down.(b))) up;
  { up = Array.map Array.of_list up; down = Array.map Array.of_list down }

(* Cells with one level: moment / weight, the sums of w y and of w; flows: multipliers (low, high, amount) times weight. *)
type block = { cells : int list; weight : Z.t; moment : Z.t; flows : (int * int * Z.t) list }

(* What is left at a source can reach these cells within a block, from `came` and `via` a step: up by the one of that
   place, or below 0 down, back along a flow. The first with a deficit, or -1. *)
let search graph inside flow left source =
  let count = Array.length graph.up in
  let came = Array.make count (-1) and via = Array.make count 0 and queue = Array.make count source in
  came.(source) <- source;
  let rec go first last =
    if first = last then (came, via, -1)
    else if Z.sign left.(queue.(first)) < 0 then (came, via, queue.(first))
    else begin
      let here = queue.(first) and last = ref last in
      let visit there step =
        if inside.(there) && came.(there) < 0 then begin
          came.(there) <- here;
          via.(there) <- step;
          queue.(!last) <- there;
          incr last
        end in
      Array.iteri (fun j there -> visit there j) graph.up.(here);
      Array.iter (fun (there, j) -> if Z.sign flow.(there).(j) > 0 then visit there (-1 - j)) graph.down.(here);
      go (first + 1) !last
    end in
  go 0 1

(* Send what a path from the source to the end bears. *)
let send flow left came via source last =
  let rec steps there found = if there = source then found else steps came.(there) (there :: found) in
  let path = steps last [] in
  let bears least there = if via.(there) >= 0 then least else Z.min least flow.(there).(-1 - via.(there)) in
  let amount = List.fold_left bears (Z.min left.(source) (Z.neg left.(last))) path in
  let move there =
    if via.(there) >= 0 then begin
      let own = flow.(came.(there)) in own.(via.(there)) <- Z.add own.(via.(there)) amount
    end
    else begin
      let own = flow.(there) and j = -1 - via.(there) in own.(j) <- Z.sub own.(j) amount
    end in
  List.iter move path;
  left.(source) <- Z.sub left.(source) amount;
  left.(last) <- Z.add left.(last) amount

(* The flow that absorbs all the surplus of a block that can be, and the cells that the rest reaches. *)
let absorbed graph cells left =
  let count = Array.length graph.up in
  let inside = Array.make count false and stuck = Array.make count false in
  List.iter (fun a -> inside.(a) <- true) cells;
  let flow = Array.map (fun up -> Array.make (Array.length up) Z.zero) graph.up in
  let rec drain source =
    if Z.sign left.(source) > 0 && not stuck.(source) then begin
      let came, via, last = search graph inside flow left source in
      if last < 0 then Array.iteri (fun a before -> if before >= 0 then stuck.(a) <- true) came
      else send flow left came via source last;
      drain source
    end in
  List.iter drain cells;
  (flow, stuck)

(* A block, and its cells that cannot be on its level. *)
let settled graph (w : Z.t array) (y : Z.t array) cells =
  let weight = List.fold_left (fun found a -> Z.add found w.(a)) Z.zero cells in
  let moment = List.fold_left (fun found a -> Z.add found (Z.mul w.(a) y.(a))) Z.zero cells in
  match cells with
  | [ _ ] -> ({ cells; weight; moment; flows = [] }, None)
  | _ ->
    let left = Array.make (Array.length y) Z.zero in
    List.iter (fun a -> left.(a) <- Z.mul w.(a) (Z.sub (Z.mul y.(a) weight) moment)) cells;
    let flow, stuck = absorbed graph cells left in
    let flows = ref [] in
    let enter a j amount = if Z.sign amount > 0 then flows := (a, graph.up.(a).(j), amount) :: !flows in
    Array.iteri (fun a own -> Array.iteri (enter a) own) flow;
    ({ cells; weight; moment; flows = !flows }, if List.exists (fun a -> stuck.(a)) cells then Some stuck else None)

(* The blocks of the regression of y under positive weights w. *)
let regression graph w y =
  let rec settle cells found =
    match settled graph w y cells with
    | block, None -> block :: found
    | _, Some stuck ->
      let high, low = List.partition (fun a -> stuck.(a)) cells in
      settle low (settle high found) in
  List.rev (settle (List.init (Array.length y) Fun.id) [])

(* Given blocks, by the number of each cell's; their multipliers suffice where their means are the regression. *)
let within graph homes w y =
  let cells home = List.filter (fun a -> homes.(a) = home) (List.init (Array.length y) Fun.id) in
  List.init (1 + Array.fold_left max 0 homes) (fun home -> fst (settled graph w y (cells home)))

(* For each cell the number of its block. *)
let homes count blocks =
  let found = Array.make count 0 in
  List.iteri (fun home block -> List.iter (fun a -> found.(a) <- home) block.cells) blocks;
  found

(* Levels times a common multiple of the weights of blocks, and multipliers times it. *)
let over common count blocks =
  let levels = Array.make count Z.zero in
  let enter found { cells; weight; moment; flows } =
    let times = Z.divexact common weight in
    let level = Z.mul moment times in
    List.iter (fun a -> levels.(a) <- level) cells;
    List.fold_left (fun found (a, b, amount) -> ((a, b), Z.mul amount times) :: found) found flows in
  let flows = List.fold_left enter [] blocks in
  (Array.to_list levels, flows)
