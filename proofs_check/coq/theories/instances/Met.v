(* The hypotheses of a theorem can be met: what that says, computed from the theorem
   itself.

   A theorem whose hypotheses contradict each other says nothing. `met (@t)` is read off
   the type of the theorem t, so that no hypothesis can be left out; for each theorem t
   that has some, a file of this room proves it under the name t_met, which `make prove`
   asks for.

   Variables become "there is", hypotheses and conjunctions "and". Where a conclusion
   has hypotheses of its own, they are met too: for everything that the conclusion says
   to exist, given what it says of it. Definitions are not opened, and equivalences are
   met on both sides.

       both A B == the proposition A /\ B, without a part that is True
         some f == there is x with f x, or True
        given f == f x for all x, or True
   hypotheses T == the proposition for the statement T
          met t == the proposition for the theorem t

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
(* conjunction and quantifiers, without what is trivial *)
Ltac both A B :=
  lazymatch A with
  | True => B
  | _ => lazymatch B with True => A | _ => constr:(A /\ B) end
  end.
Ltac some f := lazymatch f with (fun _ => True) => constr:(True) | _ => constr:(ex f) end.
Ltac given f := lazymatch f with (fun _ => _ -> True) => constr:(True) | (fun x : ?A => @?B x) => constr:(forall x : A, B x) end.

Ltac hypotheses T :=
  lazymatch T with
  | ?A -> ?B =>
      let b := hypotheses B in
      lazymatch type of A with Prop => both A b | _ => some (fun _ : A => b) end
  | forall x : ?A, @?B x =>
      let f := constr:(fun x : A => ltac:(let T := eval cbv beta in (B x) in let b := hypotheses T in exact b)) in
      some f
  | ?A /\ ?B => let a := hypotheses A in let b := hypotheses B in both a b
  | ?A <-> ?B => let a := hypotheses A in let b := hypotheses B in both a b
  | [/\ ?A, ?B & ?C] => hypotheses (A /\ (B /\ C))
  | [/\ ?A, ?B, ?C & ?D] => hypotheses (A /\ (B /\ (C /\ D)))
  | [/\ ?A, ?B, ?C, ?D & ?E] => hypotheses (A /\ (B /\ (C /\ (D /\ E))))
  | exists x : ?A, @?B x =>
      let f := constr:(fun x : A => ltac:(let T := eval cbv beta in (B x) in let b := hypotheses T in exact (T -> b))) in
      given f
  | _ => constr:(True)
  end.
Notation met t := (ltac:(let T := type of t in let A := hypotheses T in exact A)) (only parsing).
