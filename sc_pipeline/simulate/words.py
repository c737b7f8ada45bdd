"""The vocabulary of simulated rows: values real files use, the commonest first, and invented names marked SIM."""

PLACES = (  # apprehension state, county, AOR
    ("CALIFORNIA", "Los Angeles County", "LOS"),
    ("TEXAS", "Harris County", "HOU"),
    ("ARIZONA", "Maricopa County", "PHO"),
    ("TEXAS", "Hidalgo", "SNA"),
    ("CALIFORNIA", "San Diego County", "SND"),
    ("FLORIDA", "Miami-Dade County", "MIA"),
    ("TEXAS", "Dallas County", "DAL"),
    ("CALIFORNIA", "Orange County", "LOS"),
    ("TEXAS", "El Paso County", "ELP"),
    ("GEORGIA", "Gwinnett County", "ATL"),
    ("ILLINOIS", "Cook County", "CHI"),
    ("TEXAS", "BEXAR", "SNA"),
    ("NEVADA", "Clark County", "SLC"),
    ("NORTH CAROLINA", "Mecklenburg County", "ATL"),
    ("VIRGINIA", "Fairfax County", "WAS"),
    ("LOUISIANA", "Orleans Parish", "NOL"),
    ("COLORADO", "Denver County", "DEN"),
    ("MASSACHUSETTS", "Suffolk County", "BOS"),
    ("NEW YORK", "Queens County", "NYC"),
    ("NEW JERSEY", "Essex County", "NEW"),
    ("PENNSYLVANIA", "Philadelphia County", "PHI"),
    ("MICHIGAN", "Wayne County", "DET"),
    ("WASHINGTON", "King County", "SEA"),
    ("CALIFORNIA", "Santa Clara County", "SFR"),
    ("MARYLAND", "Prince George's County", "BAL"),
    ("ALASKA", "Anchorage Borough", "SEA"),
    ("MINNESOTA", "Hennepin County", "SPM"),
    ("NEW YORK", "Erie County", "BUF"),
    ("NEW MEXICO", "Doña Ana County", "ELP"),
    ("CALIFORNIA", "SIM County Without A Code", "LOS"),
)
COUNTRIES = (
    "MEXICO",
    "MEXICO",
    "MEXICO",
    "GUATEMALA",
    "HONDURAS",
    "EL SALVADOR",
    "DOMINICAN REPUBLIC",
    "COLOMBIA",
    "ECUADOR",
    "BRAZIL",
    "JAMAICA",
    "NICARAGUA",
    "HAITI",
    "PERU",
    "CHINA, PEOPLES REPUBLIC OF",
    "CUBA",
    "VENEZUELA",
    "CANADA",
)
THIRD_COUNTRIES = ("MEXICO", "PANAMÁ", "COSTA RICA", "EL SALVADOR")
GENDERS = ("Male",) * 11 + ("Female", "Unknown")
ENTRY_STATUSES = ("Present Without Admission (EWI)", "Non-Immigrant Overstay", "Lawful Permanent Resident", "Applicant")
STATUSES = (
    *(
        "8-Excluded/Deported/Removed",
        "6-Deported/Removed - Deportability",
        "8-Excluded/Removed - Inadmissibility",
    )
    * 16,
    *("3-Voluntary Departure Confirmed", "9-VR Witnessed") * 3,
    *("0-Withdrawal Permitted - I-275 Issued", "5-Title 50 Expulsion") * 2,
    "7-Died",
)
DETAINED_STATUSES = ("ACTIVE", "A-Proceedings Terminated", "B-Relief Granted", "7-Died")
CATEGORIES = (
    "[16] Reinstated Final Order",
    "[8F] Expedited Removal",
    "[3] Deportable - Administratively Final Order",
    "[8C] Excludable / Inadmissible - Administrative Final Order Issued",
)
DISPOSITIONS = (
    *(
        "Reinstatement of Deport Order I-871",
        "Notice to Appear Detained (I-862)",
        "Expedited Removal (I-860)",
        "Administrative Deportation I-851/I-851A",
    )
    * 3,
    "Voluntary Return",
    "Withdrawal in Lieu of ER",
)
DISPOSITION_CODES = (*("REINST", "NTA", "ER", "ADMDPT") * 3, "V", "WD/ER")
PROGRAMS = (
    "ERO Criminal Alien Program SIM",
    "287G Program SIM",
    "Fugitive Operations SIM",
    "Detained Docket Control SIM",
    "Border Patrol SIM",
    "Inspections - Land SIM",
)
PROGRAM_CODES = ("SIMCAP", "SIM287", "SIMFUG", "SIMDDC", "SIMOBP", "SIMINS")
METHODS = ("CAP Local Incarceration", "CAP State Incarceration", "Located", "287(g) Program", "Non-Custodial Arrest")
METHOD_CODES = ("CLC", "CST", "L", "287", "287.0", "NCA")
CHARGE_SECTIONS = ("212(a)(6)(A)(i)", "237(a)(1)(B)", "212(a)(9)(A)(ii)", "237(a)(2)(A)(iii)", "237(a)(2)(B)(i)")
CHARGE_CODES = ("I6A", "R1B", "I9A2", "R2A3", "R2B1")
PORTS = (
    "LAREDO, TX",
    "SAN YSIDRO, CA",
    "BROWNSVILLE, TX",
    "ALEXANDRIA, LA",
    "NOGALES, AZ",
    "MIAMI, FL",
    "HARLINGEN, TX",
)
AGENCIES = ("ERO SIM", "CBP SIM", "OTHER LEA SIM")
AOR_NAMES = ("Los Angeles", "Houston", "San Antonio", "Atlanta", "Phoenix", "Chicago", "HQ")
FACILITIES = (  # name, code, city, state
    ("SIM LOS ANGELES COUNTY JAIL", "SIM0001", "LOS ANGELES", "CALIFORNIA"),
    ("SIM HARRIS COUNTY JAIL", "SIM0002", "HOUSTON", "TEXAS"),
    ("SIM MARICOPA COUNTY JAIL", "SIM0003", "PHOENIX", "ARIZONA"),
    ("SIM DALLAS COUNTY JAIL", "SIM0004", "DALLAS", "TEXAS"),
    ("SIM MIAMI-DADE COUNTY JAIL", "SIM0005", "MIAMI", "FLORIDA"),
    ("SIM GWINNETT COUNTY JAIL", "SIM0006", "LAWRENCEVILLE", "GEORGIA"),
    ("SIM COOK COUNTY JAIL", "SIM0007", "CHICAGO", "ILLINOIS"),
    ("SIM CLARK COUNTY JAIL", "SIM0008", "LAS VEGAS", "NEVADA"),
    ("SIM RIKERS ISLAND", "SIM0009", "QUEENS", "NEW YORK"),
    ("SIM ORLEANS PARISH PRISON", "SIM0010", "NEW ORLEANS", "LOUISIANA"),
)
LIFT_REASONS = (
    "Booked into Detention",
    "Lifted",
    "Detainer Declined by LEA",
    "Alien Not Subject to Deportation",
    "Case Closed",
    "Prosecutorial Discretion",
    "Transferred",
    "United States Citizen Interviewed",
    "Early Release",
    "Died",
)
DETAINER_TYPES = (
    "I247A - Immigration Detainer - Notice of Action",
    "I247D - Immigration Detainer - Request for Action",
    "I247N - Immigration Advisal - Request for Notification",
)
OLD_DETAINER_TYPES = (
    "I247 - Immigration Detainer - Notice of Action (prior to March 2013)",
    "I247 - Immigration Detainer - Notice of Action (as of March 2013)",
)
NOT_CONVICTED = ("3 Other Immigration Violator", "2 Pending Criminal Charges")
CHARGE_STATUSES = ("Conviction", "Guilty", "Nolo Contendere")
