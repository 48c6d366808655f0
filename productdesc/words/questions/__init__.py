"""Word tables of questions and moderation: no part of a description's digest."""
