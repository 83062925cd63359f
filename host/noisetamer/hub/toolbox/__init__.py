"""The toolbox (百宝箱): five ways of looking at the facts."""
