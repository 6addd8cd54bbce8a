(* UTF-8: whether a text is, and that of a code point. *)

(* The number of bytes of the code point at k, 0 where there is none: no overlong forms, no surrogates, at most U+10FFFF. *)
let length text k =
  let byte j = if j < String.length text then Char.code text.[j] else 0 in
  let follows low high j = low <= byte j && byte j <= high in
  let tail = follows 0x80 0xBF in
  match byte k with
  | c when c < 0x80 -> 1
  | c when 0xC2 <= c && c <= 0xDF && tail (k + 1) -> 2
  | 0xE0 when follows 0xA0 0xBF (k + 1) && tail (k + 2) -> 3
  | 0xED when follows 0x80 0x9F (k + 1) && tail (k + 2) -> 3
  | c when 0xE1 <= c && c <= 0xEF && c <> 0xED && tail (k + 1) && tail (k + 2) -> 3
  | 0xF0 when follows 0x90 0xBF (k + 1) && tail (k + 2) && tail (k + 3) -> 4
  | c when 0xF1 <= c && c <= 0xF3 && tail (k + 1) && tail (k + 2) && tail (k + 3) -> 4
  | 0xF4 when follows 0x80 0x8F (k + 1) && tail (k + 2) && tail (k + 3) -> 4
  | _ -> 0

(* Whether a text is UTF-8 from k on: eight bytes at once where all of them are ASCII. *)
let rec valid text k =
  let ascii k = Int64.equal (Int64.logand (String.get_int64_ne text k) 0x8080808080808080L) 0L in
  if k + 8 <= String.length text && ascii k then valid text (k + 8)
  else
    k = String.length text
    || (let found = length text k in
        found > 0 && valid text (k + found))

(* Append the UTF-8 of a code point, also where it is a surrogate. *)
let add buffer code =
  let byte c = Buffer.add_char buffer (Char.chr c) in
  let tail shift = byte (0x80 lor ((code lsr shift) land 0x3F)) in
  if code < 0x80 then byte code
  else if code < 0x800 then (byte (0xC0 lor (code lsr 6)); tail 0)
  else if code < 0x10000 then (byte (0xE0 lor (code lsr 12)); tail 6; tail 0)
  else (byte (0xF0 lor (code lsr 18)); tail 12; tail 6; tail 0)
