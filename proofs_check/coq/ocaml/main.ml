(* checker-ocaml FILE...: a line a file, as `python -m proofs_check.checker FILE...`; `-` reads a document a line from
   standard input. Exit status, the highest of all: 0 accepted, 1 refused, 2 cannot be read, 3 not covered: nothing is
   said about the truth. *)

exception Too_long

let seconds = 300.0

type verdict = Accepted of string | Refused of string | Unreadable of string | Not_covered of string

(* A value, or Too_long after that much time of the processor. *)
let within_time work =
  let set it_value = ignore (Unix.setitimer Unix.ITIMER_VIRTUAL { it_interval = 0.0; it_value }) in
  Sys.set_signal Sys.sigvtalrm (Sys.Signal_handle (fun _ -> raise Too_long));
  set seconds;
  Fun.protect ~finally:(fun () -> set 0.0) work

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
  (* Devices and pipes could block or never end. *)
  if (Unix.stat path).st_kind <> Unix.S_REG then raise (Json.Unreadable "cannot read: not a regular file");
  let file = open_in_bin path in
  Fun.protect ~finally:(fun () -> close_in_noerr file) (fun () ->
    let length = in_channel_length file in
    Json.need (length <= Json.max_bytes) (Printf.sprintf "too much work: more than %d bytes" Json.max_bytes);
    really_input_string file length)

let printable name =
  let shown c = if ' ' <= c && c <= '~' && c <> '\\' then String.make 1 c else Printf.sprintf "\\x%02x" (Char.code c) in
  String.concat "" (List.map shown (List.of_seq (String.to_seq name)))

let say name verdict =
  let status, word, text =
    match verdict with
    | Accepted text -> (0, "accepted", text)
    | Refused text -> (1, "refused", text)
    | Unreadable text -> (2, "refused", text)
    | Not_covered text -> (3, "not covered", text) in
  Printf.printf "%s: %s: %s\n%!" word (printable name) text;
  status

let rec lines number worst =
  match input_line stdin with
  | line -> lines (number + 1) (max worst (say (Printf.sprintf "line %d" number) (verdict (fun () -> line))))
  | exception End_of_file -> worst

let () =
  let judge_one worst name = max worst (if name = "-" then lines 1 0 else say name (verdict (load name))) in
  match List.tl (Array.to_list Sys.argv) with
  | [] -> prerr_endline "usage: checker-ocaml FILE... (or - for a document a line)"; exit 2
  | names -> exit (List.fold_left judge_one 0 names)
