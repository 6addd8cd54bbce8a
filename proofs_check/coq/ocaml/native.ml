(* What Extract.v puts in the place of functions of Coq that it would write slower: each returns the same for all
   arguments, natural numbers below 2^62. *)

(* Integers are those of Zarith, positive ones among them: it holds what fits into a machine integer as one, and nothing
   else (its manual), so that two of those are equal where they are the same word. *)
let is_small (a : Z.t) = Obj.is_int (Obj.repr a)
let word (a : Z.t) : int = Obj.magic a

let eqb (a : Z.t) b = a == b || ((not (is_small a)) && Z.equal a b)
let leb a b = if is_small a && is_small b then word a <= word b else Z.leq a b
let ltb a b = not (leb b a)

(* From -2^30 to 2^30 - 1: such factors have a product that fits. From -2^60 to 2^60 - 1: such numbers have a sum. *)
let half a = (a + 0x40000000) land lnot 0x7FFFFFFF = 0
let most a = (a + 0x1000000000000000) land lnot 0x1FFFFFFFFFFFFFFF = 0
let mul a b = if is_small a && is_small b && half (word a) && half (word b) then Z.of_int (word a * word b) else Z.mul a b
let add a b = if is_small a && is_small b && most (word a) && most (word b) then Z.of_int (word a + word b) else Z.add a b
let minus a b = if is_small a && is_small b && most (word a) && most (word b) then Z.of_int (word a - word b) else Z.sub a b

let rec euclid a b = if b = 0 then a else euclid b (a mod b)
let gcd a b =
  if is_small a && is_small b && most (word a) && most (word b) then Z.of_int (euclid (abs (word a)) (abs (word b)))
  else Z.gcd a b
let lcm = Z.lcm

(* Coq's quotient by 0 is 0. *)
let quot a b =
  if is_small a && is_small b && word b > 0 then Z.of_int (word a / word b) else if b == Z.zero then Z.zero else Z.div a b
let to_pos z = if leb Z.one z then z else Z.one

(* Natural numbers. *)
let eqn (m : int) n = m = n
let pred n = if n > 0 then n - 1 else 0
let sub m n = if m > n then m - n else 0

(* Entry n of a list, x0 beyond its end; n numbers from m on. Coq writes them with closures for each entry. *)
let rec nth x0 s n = match s with [] -> x0 | x :: rest -> if n = 0 then x else nth x0 rest (n - 1)
let rec iota m n = if n = 0 then [] else m :: iota (m + 1) (n - 1)
