"""cases 维权与诉求: whatever a worker brings forward becomes a case with an owner, clocks and an answer.

One `Case` for all kinds; its states, moves and clocks stand in the kind's scheme (`schemes.base.CaseScheme`). A kind
(`kinds.Kind`) adds what is its own, a file each in models, rules, actions and views:

- appeals 诉求: any channel, triage, answer, rating, call back;
- disputes 劳动争议: facts once, mediation, partners by referral, agreement;
- aid 法律援助: lawyers, decisions, assignment, closing;
- incidents 群体性事件: grades, phases, four clocks, log, release;
- tasks 督办与联动任务: overdue work, several departments, replies.
"""
