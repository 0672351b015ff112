"""The sandbox of the policy desk: a case of any group, tried out under the law and its readings."""
