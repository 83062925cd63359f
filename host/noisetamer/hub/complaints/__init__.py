"""What residents complain of: from the desks 110 and 12345, and from the button at the pole."""
