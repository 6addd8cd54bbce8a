(* The function `accepts` of theories/checked/Certificates.v, of which accepts_sound speaks, as OCaml.

   What the OCaml program rests on beside that theorem: Coq's extraction; the tables of Coq's own
   ExtrOcamlBasic (booleans, pairs, lists, options), ExtrOcamlNatInt (natural numbers as machine
   integers: here they count entries of lists in memory, steps and places, all below 2^62) and
   ExtrOcamlZBigInt (integers as those of Zarith); and the functions of native.ml, in the
   place of the thirteen that are named here.                                                *)
From Coq Require Import ZArith QArith Extraction ExtrOcamlBasic ExtrOcamlNatInt ExtrOcamlZBigInt.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq.
From FqiTheory Require Import Certificates.

Extract Constant Z.eqb => "Native.eqb".
Extract Constant Z.mul => "Native.mul".
Extract Constant Pos.mul => "Native.mul".
Extract Constant Z.gcd => "Native.gcd".
Extract Constant Z.quot => "Native.quot".
Extract Constant Z.to_pos => "Native.to_pos".
Extract Constant Z.leb => "Native.leb".
Extract Constant Z.ltb => "Native.ltb".
Extract Constant eqn => "Native.eqn".
Extract Constant Init.Nat.pred => "Native.pred".
Extract Constant Init.Nat.sub => "Native.sub".
Extract Constant nth => "Native.nth".
Extract Constant iota => "Native.iota".

Extraction "checks.ml" accepts.
