"""The operator's word after the database went backwards, and what else may arrive at that moment."""

import asyncio

from integration.cluster.members import Source, active_member, identity


async def test_a_late_word_about_the_lease_let_go_does_not_undo_what_the_operator_decided(
    source: Source,
) -> None:
    async with active_member(source(), identity()) as member:
        former = member.boot_id
        member.went_backwards()
        assert (member.has_rolled_back, member.is_joined) == (True, False)
        member.accept_rollback()
        member.went_backwards()
        assert (member.has_rolled_back,) == (False,)
        async with asyncio.timeout(20):
            while member.boot_id == former or not member.is_joined:
                await asyncio.sleep(0.02)
        member.went_backwards()
        assert (member.has_rolled_back, member.is_joined) == (True, False)
