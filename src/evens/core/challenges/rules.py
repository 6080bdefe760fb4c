"""The rules of challenges, merged into the kernel."""

from typing import Final

from evens.core.challenges import offering, recalling, settling
from evens.core.challenges.state import Challenges
from evens.core.commands import challenges as commands
from evens.core.events import challenges as events
from evens.core.rules import Rules

RULES: Final = Rules(
    part="challenges",
    handlers={
        commands.OfferChallenge: offering.offer_challenge,
        commands.AcceptChallenge: offering.accept_challenge,
        commands.CancelChallenge: offering.cancel_challenge,
        commands.ResolveChallenge: offering.resolve_challenge,
        commands.DisputeChallenge: offering.dispute_challenge,
        commands.RuleChallenge: settling.rule_challenge,
        commands.ExpireChallenge: settling.expire_challenge,
        commands.ReturnChallenge: settling.return_challenge,
        commands.PayChallenge: settling.pay_challenge,
        commands.SettleChallenge: settling.settle_challenge,
        commands.RecallChallenges: recalling.recall_challenges,
    },
    appliers={
        events.ChallengeOffered: offering.apply_challenge_offered,
        events.ChallengeAccepted: offering.apply_challenge_accepted,
        events.ChallengeClosed: offering.apply_challenge_closed,
        events.ChallengeResolved: offering.apply_challenge_resolved,
        events.ChallengeDisputed: offering.apply_challenge_disputed,
        events.ChallengeSettled: settling.apply_challenge_settled,
        events.ChallengesRecalled: recalling.apply_challenges_recalled,
    },
    is_due={
        commands.ExpireChallenge: Challenges.is_next,
        commands.ReturnChallenge: Challenges.is_next,
        commands.PayChallenge: Challenges.is_next,
        commands.SettleChallenge: Challenges.is_next,
    },
    recalls={commands.RecallChallenges: recalling.recall_for_correction},
)
