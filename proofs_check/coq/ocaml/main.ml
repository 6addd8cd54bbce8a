(* checker-ocaml FILE...: a line a file, as `python -m proofs_check.checker FILE...`; `-` reads a document a line from
   standard input. Exit status, the highest of all: 0 accepted, 1 refused, 2 cannot be read, 3 not covered: nothing is
   said about the truth. *)

exception Too_long

let seconds = 300.0

type verdict = Accepted of string | Refused of string | Unreadable of string | Not_covered of string

(* A value, or Too_long after that much time of the processor. The next call sets the clock anew. *)
let at_work = ref false

let within_time work =
  ignore (Unix.setitimer Unix.ITIMER_VIRTUAL { it_interval = 0.0; it_value = seconds });
  at_work := true;
  Fun.protect ~finally:(fun () -> at_work := false) work

let judge text =
  let certificate = Document.read (Json.parse text) in
  if Checks.accepts certificate.checked then Accepted (Statement.sentence certificate)
  else Refused "the check that is proved in Coq fails"

let verdict load =
  try within_time (fun () -> judge (load ())) with
  | Json.Refused reason -> Refused reason
  | Json.Unreadable reason -> Unreadable reason
  | Certificate.Not_covered what -> Not_covered (what ^ ": no checker in Coq; nothing is said about its truth")
  | Too_long | Out_of_memory | Stack_overflow -> Not_covered "too much work; nothing is said about its truth"
  | Unix.Unix_error (error, _, _) -> Unreadable ("cannot read: " ^ Unix.error_message error)
  | Sys_error reason -> Unreadable ("cannot read: " ^ reason)
  | End_of_file -> Unreadable "cannot read: the file became shorter"

let load path () =
  (* Devices and pipes could block, which is asked not to be done, or never end. *)
  let file = Unix.openfile path [ Unix.O_RDONLY; Unix.O_NONBLOCK; Unix.O_CLOEXEC ] 0 in
  Fun.protect ~finally:(fun () -> Unix.close file) (fun () ->
    let about = Unix.fstat file in
    if about.st_kind <> Unix.S_REG then raise (Json.Unreadable "cannot read: not a regular file");
    let length = about.st_size in
    if length > Json.max_bytes then raise (Json.Refused (Printf.sprintf "too much work: more than %d bytes" Json.max_bytes));
    let bytes = Bytes.create length in
    let rec fill at =
      if at < length then
        match Unix.read file bytes at (length - at) with 0 -> raise End_of_file | n -> fill (at + n) in
    fill 0;
    Bytes.unsafe_to_string bytes)

let printable name =
  let plain c = ' ' <= c && c <= '~' && c <> '\\' in
  let shown c = if plain c then String.make 1 c else Printf.sprintf "\\x%02x" (Char.code c) in
  if String.for_all plain name then name else String.concat "" (List.map shown (List.of_seq (String.to_seq name)))

(* Nothing of a document lives on: after one the young part of the heap is emptied at no cost, where amid the next one all
   that was read would be moved. And what is written next lies in the cache. *)
let emptied = ref 0.0

let tidy () =
  if Gc.minor_words () -. !emptied > 32_768.0 then begin
    Gc.minor ();
    emptied := Gc.minor_words ()
  end

let say name verdict =
  let status, word, text =
    match verdict with
    | Accepted text -> (0, "accepted", text)
    | Refused text -> (1, "refused", text)
    | Unreadable text -> (2, "refused", text)
    | Not_covered text -> (3, "not covered", text) in
  List.iter print_string [ word; ": "; printable name; ": "; text; "\n" ];
  tidy ();
  status

let rec lines number worst =
  match input_line stdin with
  | line ->
    let status = say (Printf.sprintf "line %d" number) (verdict (fun () -> line)) in
    flush stdout;
    lines (number + 1) (max worst status)
  | exception End_of_file -> worst

let () =
  Sys.set_signal Sys.sigvtalrm (Sys.Signal_handle (fun _ -> if !at_work then raise Too_long));
  (* As other programs do: line by line where someone looks on, more at once elsewhere. *)
  let watched = Unix.isatty Unix.stdout in
  let file name =
    let status = say name (verdict (load name)) in
    if watched then flush stdout;
    status in
  let judge_one worst name = max worst (if name = "-" then lines 1 0 else file name) in
  match List.tl (Array.to_list Sys.argv) with
  | [] -> prerr_endline "usage: checker-ocaml FILE... (or - for a document a line)"; exit 2
  | names -> exit (List.fold_left judge_one 0 names)
