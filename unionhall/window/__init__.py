"""One window 一站式窗口: whoever comes is found or registered; any matter is taken, printed, followed, handed over.

Nouns: Hall and its queue (QueueKind, Counter, Ticket), Reception (one person at the counter), Intake (one matter
taken), Authorisation (somebody acts for somebody), HandOver, PaperBatch.
Stands above the domains and knows them by `matters`.
"""
