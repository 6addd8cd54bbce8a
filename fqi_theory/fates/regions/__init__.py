"""Regions that m steps map into themselves, the core of certificates (docs/certificates.md)."""
