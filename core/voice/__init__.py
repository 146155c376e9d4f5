"""What buyers complain about: themes of reviews, refund and cancellation reasons, and what they cost."""
