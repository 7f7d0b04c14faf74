//! Accounts, sessions, keys and tokens: the queries behind `todo-auth`.
