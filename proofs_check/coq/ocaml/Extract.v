(* The function `accepts` of theories/checked/Certificates.v, of which accepts_sound speaks, as OCaml.

   What the OCaml program rests on beside that theorem: Coq's extraction; the tables of Coq's own
   ExtrOcamlBasic (booleans, pairs, lists, options), ExtrOcamlNatInt (natural numbers as machine
   integers: here they count entries of lists in memory, steps and places, all below 2^62) and
   ExtrOcamlZBigInt (integers as those of Zarith); and the functions of native.ml, in the
   place of the sixteen that are named here.                                                *)
From Coq Require Import ZArith QArith Extraction ExtrOcamlBasic ExtrOcamlNatInt ExtrOcamlZBigInt.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq.
From FqiTheory Require Import Certificates.

Extract Inlined Constant Z.eqb => "Native.eqb".
Extract Inlined Constant Z.mul => "Native.mul".
Extract Inlined Constant Pos.mul => "Native.mul".
Extract Inlined Constant Z.add => "Native.add".
Extract Inlined Constant Z.sub => "Native.minus".
Extract Inlined Constant Z.gcd => "Native.gcd".
Extract Inlined Constant Z.lcm => "Native.lcm".
Extract Inlined Constant Z.quot => "Native.quot".
Extract Inlined Constant Z.to_pos => "Native.to_pos".
Extract Inlined Constant Z.leb => "Native.leb".
Extract Inlined Constant Z.ltb => "Native.ltb".
Extract Inlined Constant eqn => "Native.eqn".
Extract Inlined Constant Init.Nat.pred => "Native.pred".
Extract Inlined Constant Init.Nat.sub => "Native.sub".
Extract Inlined Constant nth => "Native.nth".
Extract Inlined Constant iota => "Native.iota".

Extraction "checks.ml" accepts.
