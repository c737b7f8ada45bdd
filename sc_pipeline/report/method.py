"""What the report tells a reader besides numbers: cautions, how things are counted, what verdicts and words mean."""

# Each caution holds for any data; none claims a cause.
CAUTIONS = (
    "A detainer asks a jail to hold a person for ICE. “With a prior detainer” means that one was prepared for the same "
    "person on or before the day of departure. By ICE's own account nobody can tell from its records whether the "
    "detainer played a role in the removal, and these figures do not show that it did.",
    "TRAC cautions that a Secure Communities match need not be connected with the arrest: the fingerprints may match "
    "the record of an earlier contact.",
    "TRAC cautions that Secure Communities removals do not come from local police alone: state and federal agencies "
    "send fingerprints too.",
    "TRAC cautions that Secure Communities removals include people who were never convicted of a crime.",
    "Secure Communities removals are a part of all ICE removals. The two must never be added.",
    "A removal is not a person: someone removed twice counts twice. Likely duplicate records (same person, same day) "
    "are counted and flagged, never dropped.",
)

OFFENSE_LEVELS = (
    "Offense levels are only partly verified. ICE's own list of 2009 was not found in public text. Ranges of offense "
    "codes that ICE's slides on the program or its 287(g) agreements name have a source; all other ranges are marked "
    "“unverified” in the offense table. An offense that may be Level 1, depending on what the file does not state "
    "(drugs by sentence, simple assault, weapons), is undetermined, and the count becomes a range.",
    "There are two definitions of Level 1, and they are not one series. Releases that state a person's threat level "
    "follow ICE's definition of 2011: an aggravated felony, or two or more felonies. For other releases the level is "
    "that of the most serious offense in the list of 2009. Each release uses one of them throughout; figures that "
    "someone else printed follow that publisher's count.",
)

METHOD = (
    (
        "Where a number comes from",
        "Each month of a population comes from one release, never from a mix. A release "
        "that covers the whole month goes before one that cuts it, case-level records before printed figures, and a "
        "later release before an earlier one. The table of releases by month gives the choice and the reason.",
    ),
    (
        "Unknown is not zero",
        "A field that is blank throughout, redacted, unreadable or missing from a file leaves the "
        "count unknown. The report gives the reason, and “withheld by ICE” appears only where the agency withheld the "
        "field. Hatched spans in the pictures are unknown months.",
    ),
    (
        "Ranges",
        "A record that may or may not belong to a count is undetermined. The low end counts the records that "
        "belong; the high end adds all undetermined ones.",
    ),
    (
        "Prior detainers",
        "The detainer is on the removal record itself, or is found through the person's identifier in "
        "the same release. Identifiers differ between releases, so no detainer is looked up across them. In the first "
        "365 days of a release's detainers the count is partial, since earlier detainers are not in it. Detainers "
        "without an identifier may belong to any unmatched removal and widen the range.",
    ),
    (
        "Convictions",
        "The record's criminality decides first, then the status of the charge, then the stated level, "
        "then the offense code. A pending charge is not a conviction.",
    ),
    (
        "Shares",
        "Numerator and denominator cover the same months, all with a number. A share is one number where at "
        "most one removal in twenty is undetermined, and a range otherwise.",
    ),
    (
        "Averages",
        "A 12-month average is the mean of a month and the eleven before it, and needs a number in all twelve. "
        "Where it cannot be computed, the average printed by the publisher is given and marked with †.",
    ),
    (
        "Years",
        "Fiscal year 2015 is October 2014 to September 2015. A year with fewer than twelve months with a "
        "number says how many it holds. Calendar years are given only where all twelve have one.",
    ),
    (
        "Partial months",
        "A month that a release does not cover in full, and the last 30 days of a release whose "
        "coverage nobody declared, are partial: late records are still missing.",
    ),
)

CLAIM_VERDICTS = (
    ("contradicted", "no number that the records allow agrees with the claim"),
    ("supported", "every number that the records allow agrees with it"),
    (
        "undecided",
        "some do and some do not. Monthly tables cannot settle a claim over days that begin or end inside a "
        "month; case-level records of those days can",
    ),
)

COMPARISON_VERDICTS = {
    "same": "the computed figure equals the printed one",
    "within": "the printed figure lies in the computed range",
    "differs": "the computed figure or range does not include the printed one",
    "not_computable": "the releases do not hold what the figure needs",
    "same_figure": "the printed figure is itself the one used here: nothing is tested",
}

GLOSSARY = (
    ("Removal", "a person's departure from the United States that ICE records under an order of removal or similar"),
    ("Detainer", "ICE's request to a jail to hold a person for it or to notify it before release"),
    ("Secure Communities", "the program that checks fingerprints taken at booking against immigration records"),
    ("Release", "one delivery of files: a FOIA production, or the tables of a published report"),
    ("Level 1", "the most serious of the three offense levels of Secure Communities"),
    ("Withheld", "the agency has the field and does not disclose it"),
    ("Not in the release", "the files have no such column or table"),
    ("Not disclosed", "the column is there and has no value in any record of the months"),
    ("Undetermined", "a record whose fields do not tell whether it belongs to a count"),
    (
        "State and county",
        "what the release means by them: in TRAC's Secure Communities file, where the fingerprints "
        "were submitted; in ICE's removals, what ICE records for the case or the arrest. The two are not comparable",
    ),
    ("AOR", "area of responsibility: the territory of one ICE field office"),
    ("FOIA", "the Freedom of Information Act"),
    ("TRAC", "the Transactional Records Access Clearinghouse at Syracuse University"),
)
