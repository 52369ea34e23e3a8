"""benefits 普惠保障: what a worker can get, why, and paid without a form where the platform knows enough.

Main nouns, a file each in models, rules, actions and views:

- entitlements 我能享受什么: everything below, judged for one person, told once when it changes;
- cover 保险保障: gifted insurance that starts with the card, and claims;
- services 会员服务: catalogue, quotas, vouchers redeemed once;
- needs 需求征集: what workers need most, asked in rounds and met with services;
- medical 医疗互助: settlements adjudicated and paid to the card;
- subsidy 职业发展助推: certificates, a budget, those who wait;
- relief 困难帮扶: hardship files, aids, visits.

A programme is a subclass of `schemes.base.BenefitScheme` with its file under schemes/, and an `Offering`.
"""
