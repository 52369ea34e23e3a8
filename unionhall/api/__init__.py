"""api 接口: the public interface for partners (banks, platforms, offices) — clients, tokens, endpoints, webhooks."""
