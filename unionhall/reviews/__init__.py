"""reviews 审核: submit, ordered steps with clocks, decision. One table, one inbox, one traffic light."""
