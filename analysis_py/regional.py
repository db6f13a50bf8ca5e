"""The columns of the region profiles that the statistics of the article are about."""

# Column of regional.region_profile -> indicator code.
CODE_OF_COLUMN = {
    "income_per_capita_kzt": "income_per_capita",
    "food_spend_per_capita_kzt": "food_spend_per_capita",
    "children_per_household": "children_per_household",
    "below_food_basket_persons": "below_food_basket",
}
# Measure of the balance -> its column.
MEASURES = {"persons": "migration_balance_persons", "per_1000": "balance_per_1000"}
