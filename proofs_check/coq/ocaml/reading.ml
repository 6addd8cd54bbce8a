(* Values of a document have the shape that is expected of them, or the certificate is refused. *)

open Json

let max_exponent = 10_000

(* Text is put together where a value is refused only. *)
let refuse where reason = raise (Refused (where ^ reason))
let rec find key = function
  | [] -> None
  | (other, value) :: rest -> if String.equal key other then Some value else find key rest

let rec same keys found =
  match (keys, found) with
  | key :: keys, (other, _) :: found -> String.equal key other && same keys found
  | [], [] -> true
  | _ -> false

(* An object that has exactly these keys, mostly in this order, and perhaps the optional ones: how to get them. *)
let members ?(optional = []) keys where = function
  | Object found ->
    let among key = List.exists (String.equal key) in
    let known (key, _) = if not (among key keys || among key optional) then refuse where ": unknown key" in
    let missing key = refuse where (Printf.sprintf ": key '%s' is missing" key) in
    if not (same keys found) then begin
      List.iter known found;
      List.iter (fun key -> if Option.is_none (find key found) then missing key) keys
    end;
    fun key -> (match find key found with Some value -> value | None -> missing key)
  | _ -> raise (Refused (where ^ ": expected an object"))

let member key = function Object found -> find key found | _ -> None
let has key value = Option.is_some (member key value)

(* A list, of `count` entries where that is given. *)
let entries ?count where = function
  | List found ->
    let right = match count with None -> true | Some n -> List.compare_length_with found n = 0 in
    if not right then refuse where ": another number of entries";
    found
  | _ -> raise (Refused (where ^ ": expected a list"))

let text where = function String found -> found | _ -> raise (Refused (where ^ ": expected a text"))
let truth where = function Bool found -> found | _ -> raise (Refused (where ^ ": expected true or false"))

(* An integer from least to most. *)
let index ?(most = max_values - 1) least where = function
  | Int z when Z.geq z (Z.of_int least) && Z.leq z (Z.of_int most) -> Z.to_int z
  | _ -> raise (Refused (Printf.sprintf "%s: expected an integer from %d" where least))

(* The place after the digits of a text that begin at k. *)
let rec after_digits text k =
  if k < String.length text && '0' <= text.[k] && text.[k] <= '9' then after_digits text (k + 1) else k

let power_of_ten n = Z.pow (Z.of_int 10) n

(* digits, digits/digits, or a decimal with an exponent, with an optional sign. *)
let rational text =
  let n = String.length text in
  let at k = if k < n then text.[k] else ' ' in
  let wrong () = raise (Refused "expected a rational") in
  let signed k = if at k = '+' || at k = '-' then k + 1 else k in
  let start = signed 0 in
  let whole = after_digits text start in
  let sign q = if at 0 = '-' then Q.neg q else q in
  if whole > start && at whole = '/' then begin
    if whole + 1 = n || after_digits text (whole + 1) < n then wrong ();
    need (max whole (n - whole - 1) <= max_digits) "more than 20000 digits";
    let below = Z.of_string (String.sub text (whole + 1) (n - whole - 1)) in
    need (Z.sign below > 0) "denominator 0";
    sign (Q.make (Z.of_string (String.sub text start (whole - start))) below)
  end
  else begin
    let point = if at whole = '.' then whole + 1 else whole in
    let stop = if point > whole then after_digits text point else whole in
    if whole = start && stop = point then wrong ();
    let exponent =
      if stop = n then 0
      else begin
        let begins = signed (stop + 1) in
        if (at stop <> 'e' && at stop <> 'E') || begins = n || n - begins > 6 || after_digits text begins < n then
          wrong ();
        let size = int_of_string (String.sub text begins (n - begins)) in
        if at (stop + 1) = '-' then -size else size
      end in
    need (n <= max_digits) "more than 20000 digits";
    need (abs exponent <= max_exponent) "an exponent beyond 10000";
    let digits = String.sub text start (whole - start) ^ String.sub text point (stop - point) in
    let shift = exponent - (stop - point) in
    let scale = Q.of_bigint (power_of_ten (abs shift)) in
    let mantissa = Q.of_bigint (Z.of_string digits) in
    sign (if shift < 0 then Q.div mantissa scale else Q.mul mantissa scale)
  end

let rec gcd a b = if b = 0 then a else gcd b (a mod b)

(* The number that the digits of a text from k up to a place write. *)
let rec digits text k stop found =
  if k = stop then found else digits text (k + 1) stop ((10 * found) + Char.code (String.unsafe_get text k) - 48)

(* Most numbers: at most 18 digits, or two times that with a stroke between, perhaps with a sign. None for all others. *)
let short text =
  let n = String.length text in
  let sign = if n = 0 then ' ' else String.unsafe_get text 0 in
  let start = if sign = '-' || sign = '+' then 1 else 0 in
  let whole = after_digits text start in
  if whole = start || whole - start > 18 then None
  else begin
    let size = digits text start whole 0 in
    let top = if sign = '-' then -size else size in
    if whole = n then Some (Q.of_int top)
    else if text.[whole] <> '/' || whole + 1 = n || n - whole > 19 || after_digits text (whole + 1) < n then None
    else begin
      let below = digits text (whole + 1) n 0 in
      if below = 0 then None
      else
        let common = gcd size below in
        Some { num = Z.of_int (top / common); den = Z.of_int (below / common) }
    end
  end

let number where = function
  | Int z -> Q.of_bigint z
  | String text ->
    (match short text with
     | Some found -> found
     | None ->
       if String.length text > 2 * max_digits then raise (Refused (where ^ ": expected a rational"));
       try rational text with Refused reason -> raise (Refused (where ^ ": " ^ reason)))
  | _ -> raise (Refused (where ^ ": expected a rational"))

let vector ?count where value = List.map (number where) (entries ?count where value)

(* Names and their places; few are looked for one after the other. *)
type places = { names : string array; table : (string, int) Hashtbl.t }

let few = 8
let count places = Array.length places.names

let rec scan names name k =
  if k = Array.length names then -1
  else
    let other = Array.unsafe_get names k in
    if other == name || String.equal other name then k else scan names name (k + 1)

(* The place of a name. *)
let place where places name =
  let name = text where name in
  if count places <= few then begin
    let k = scan places.names name 0 in
    if k < 0 then refuse where ": unknown name" else k
  end
  else match Hashtbl.find_opt places.table name with Some found -> found | None -> refuse where ": unknown name"

(* A list of different names that is not empty. *)
let numbered where value =
  let names = Array.of_list (List.map (text where) (entries where value)) in
  if names = [||] then refuse where ": expected a list that is not empty";
  let places = { names; table = Hashtbl.create (if Array.length names <= few then 1 else 2 * Array.length names) } in
  let twice () = refuse where ": a name occurs twice" in
  if count places <= few then Array.iteri (fun k name -> if scan names name 0 < k then twice ()) names
  else begin
    let add place name = if Hashtbl.mem places.table name then twice () else Hashtbl.add places.table name place in
    Array.iteri add names
  end;
  places
