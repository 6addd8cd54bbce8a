(* The function `accepts` of theories/checked/Certificates.v, of which accepts_sound speaks, as OCaml.

   What the OCaml program rests on beside that theorem: Coq's extraction; the tables of Coq's own
   ExtrOcamlBasic (booleans, pairs, lists, options), ExtrOcamlNatInt (natural numbers as machine
   integers: here they count entries of lists in memory, steps and places, all below 2^62) and
   ExtrOcamlZBigInt (integers as those of Zarith); and the one line below.                          *)
From Coq Require Import ZArith QArith Extraction ExtrOcamlBasic ExtrOcamlNatInt ExtrOcamlZBigInt.
From FqiTheory Require Import Certificates.

(* g = gcd(a, b) with a/g and b/g, for positive a and b: what Pos.ggcd is proved to be. *)
Extract Constant Pos.ggcd => "(fun a b ->
  let g = Big_int_Z.gcd_big_int a b in (g, (Big_int_Z.div_big_int a g, Big_int_Z.div_big_int b g)))".

Extraction "checks.ml" accepts.
