(* JSON documents, read as strictly as Python's json module reads them: UTF-8 without a mark, one value, no key twice
   in an object. Integers are exact and have at most 20,000 digits. Floats, which certificates may not have, keep no
   value. A string holds the UTF-8 of its code points; a surrogate that is not one of a pair is kept as such. *)

exception Unreadable of string
exception Refused of string

type t =
  | Null
  | Bool of bool
  | Int of Z.t
  | Float
  | String of string
  | List of t list
  | Object of (string * t) list

let max_bytes = 64 lsl 20
let max_values = 4_000_000
let max_digits = 20_000
let max_depth = 900
let fail reason = raise (Unreadable ("cannot read as JSON in UTF-8: " ^ reason))
let need condition reason = if not condition then raise (Refused reason)

type reader = { text : string; mutable at : int }

(* The byte after the last one of a string is 0, and nothing is read beyond it. *)
let peek r = String.unsafe_get r.text r.at
let skip r = r.at <- r.at + 1
let blank c = c = ' ' || c = '\n' || c = '\t' || c = '\r'
let rec more_blanks r = if blank (peek r) then (skip r; more_blanks r)
let blanks r = if blank (peek r) then (skip r; more_blanks r)
let expected r c = fail (Printf.sprintf "expected %C at byte %d" c r.at)
let expect r c = if peek r = c then skip r else expected r c

let word r letters value =
  let n = String.length letters in
  if r.at + n <= String.length r.text && String.sub r.text r.at n = letters then (r.at <- r.at + n; value)
  else fail (Printf.sprintf "no value at byte %d" r.at)

let digits r =
  let start = r.at in
  while match peek r with '0' .. '9' -> true | _ -> false do skip r done;
  if r.at = start then fail (Printf.sprintf "expected a digit at byte %d" start)

let number r =
  let start = r.at in
  if peek r = '-' then skip r;
  if peek r = 'I' then word r "Infinity" Float
  else begin
    if peek r = '0' then skip r else digits r;
    let whole = r.at in
    if peek r = '.' then (skip r; digits r);
    (match peek r with
     | 'e' | 'E' -> skip r; (match peek r with '+' | '-' -> skip r | _ -> ()); digits r
     | _ -> ());
    if r.at > whole then Float
    else begin
      if whole - start > max_digits then
        raise (Refused (Printf.sprintf "an integer of more than %d digits" max_digits));
      Int (Z.of_string (String.sub r.text start (whole - start)))
    end
  end

let hex4 r =
  let value c =
    match c with
    | '0' .. '9' -> Char.code c - 48
    | 'a' .. 'f' -> Char.code c - 87
    | 'A' .. 'F' -> Char.code c - 55
    | _ -> fail (Printf.sprintf "expected four hexadecimal digits at byte %d" r.at) in
  let next total = let v = value (peek r) in skip r; (16 * total) + v in
  next (next (next (next 0)))

(* A code point written \uXXXX, or two of them where they are a pair of surrogates. *)
let code_point r =
  let high = hex4 r in
  let after = r.at in
  if 0xD800 <= high && high <= 0xDBFF && peek r = '\\' then begin
    skip r;
    let low = if peek r = 'u' then (skip r; hex4 r) else 0 in
    if 0xDC00 <= low && low <= 0xDFFF then 0x10000 + ((high - 0xD800) lsl 10) + (low - 0xDC00)
    else (r.at <- after; high)
  end
  else high

let escaped r =
  let c = peek r in
  if r.at < String.length r.text then skip r;
  match c with
  | '"' | '\\' | '/' -> Char.code c
  | 'b' -> 8
  | 'f' -> 12
  | 'n' -> 10
  | 'r' -> 13
  | 't' -> 9
  | 'u' -> code_point r
  | _ -> fail (Printf.sprintf "no escape at byte %d" (r.at - 1))

(* The place of the first byte from k on that is no plain one of a string. *)
let rec after_plain text k =
  match String.unsafe_get text k with '"' | '\\' -> k | c when c < ' ' -> k | _ -> after_plain text (k + 1)

(* Strings of at most seven bytes, which documents repeat, are kept and shared: their bytes and length are one number. *)
let most_kept = 7
let numbers = Array.make 1024 0
let strings = Array.make 1024 ""

let shared text start n =
  if n = 0 || n > most_kept || start + 8 > String.length text then String.sub text start n
  else begin
    let bytes = Int64.to_int (String.get_int64_le text start) land ((1 lsl (8 * n)) - 1) in
    let number = bytes lor (n lsl 56) in
    let slot = (bytes lxor (bytes lsr 7) lxor (bytes lsr 29)) land 1023 in
    if Array.unsafe_get numbers slot <> number then begin
      strings.(slot) <- String.sub text start n;
      numbers.(slot) <- number
    end;
    Array.unsafe_get strings slot
  end

(* A string with escapes, or that does not end. *)
let string_by_parts r =
  let buffer = Buffer.create 16 in
  let rec go () =
    match peek r with
    | '"' -> skip r
    | '\\' -> skip r; Utf8.add buffer (escaped r); go ()
    | c when c < ' ' -> fail (Printf.sprintf "a control character or the end in a string, byte %d" r.at)
    | c -> Buffer.add_char buffer c; skip r; go () in
  go ();
  Buffer.contents buffer

let string r =
  expect r '"';
  let start = r.at in
  let stop = after_plain r.text start in
  if stop < String.length r.text && r.text.[stop] = '"' then (r.at <- stop + 1; shared r.text start (stop - start))
  else string_by_parts r

(* After an opening bracket, or after an entry: whether another entry follows; the closing bracket is passed. *)
let first r closing =
  skip r;
  blanks r;
  if peek r = closing then (skip r; false) else true

let another r closing =
  blanks r;
  if peek r = ',' then (skip r; blanks r; true) else (expect r closing; false)

(* Few keys are compared pair by pair. *)
let rec all_differ = function
  | [] -> true
  | (key, _) :: rest -> differs key rest && all_differ rest

and differs key = function
  | [] -> true
  | (other, _) :: rest -> other != key && not (String.equal key other) && differs key rest

let require_unique members =
  let twice = "a key occurs twice in one object" in
  if List.compare_length_with members 8 <= 0 then need (all_differ members) twice
  else begin
    let seen = Hashtbl.create 16 in
    let once (key, _) =
      need (not (Hashtbl.mem seen key)) twice;
      Hashtbl.add seen key () in
    List.iter once members
  end

let rec value depth r =
  if depth > max_depth then raise (Unreadable "cannot read: nested too deeply");
  match peek r with
  | '{' ->
    let found = if first r '}' then members (depth + 1) r [] else [] in
    require_unique found;
    Object found
  | '[' -> List (if first r ']' then items (depth + 1) r [] else [])
  | '"' -> String (string r)
  | '-' | '0' .. '9' -> number r
  | 't' -> word r "true" (Bool true)
  | 'f' -> word r "false" (Bool false)
  | 'n' -> word r "null" Null
  | 'N' -> word r "NaN" Float
  | 'I' -> word r "Infinity" Float
  | _ -> fail (Printf.sprintf "no value at byte %d" r.at)

and items depth r found =
  let found = value depth r :: found in
  if another r ']' then items depth r found else List.rev found

and members depth r found =
  let key = string r in
  blanks r;
  expect r ':';
  blanks r;
  let found = (key, value depth r) :: found in
  if another r '}' then members depth r found else List.rev found

(* The number of values that brackets and commas tell of, at most one a byte. *)
let require_few text =
  let count found c = match c with ',' | '[' | '{' -> found + 1 | _ -> found in
  if String.fold_left count 0 text > max_values then
    raise (Refused (Printf.sprintf "too much work: more than %d JSON values" max_values))

(* The document of a text; Unreadable where there is none, Refused where it is beyond the limits. *)
let parse text =
  if String.length text > max_bytes then
    raise (Refused (Printf.sprintf "too much work: more than %d bytes" max_bytes));
  if String.length text > max_values then require_few text;
  if not (Utf8.valid text 0) then fail "not UTF-8";
  let r = { text; at = 0 } in
  blanks r;
  let found = value 0 r in
  blanks r;
  if r.at < String.length text then fail (Printf.sprintf "more than one value, byte %d" r.at);
  found
