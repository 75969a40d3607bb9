-- How often somebody wrote to an address lately, over all their debts.
CREATE INDEX invitations_mailed ON invitations (invited_by, address, created_at)
  WHERE address IS NOT NULL;
