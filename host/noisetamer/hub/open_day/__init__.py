"""The open day on the 15th: what residents asked, who answers, until when."""
