"""outreach 走访联系: who answers for whom, visits that bind, what they find and who settles it by when.

- contacts 联系点: a cadre's unions, employers and families for a period; firms in difficulty with a named helper;
- visits 走访: one visit, many firms and families, several cadres; planned, done, written up;
- items 走访问题: what is found gets an owner and a deadline; whoever was visited rates the answer;
- duties 必访任务: injury, hardship or trouble opens a visit with a clock (逢伤必探 逢困必访 逢难必帮);
- office 会议文件: meetings and documents by union and month, and their index against the year before.

What happens in other rooms comes in through `triggers`: portal registers the sources.
"""
