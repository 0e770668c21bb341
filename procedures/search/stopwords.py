"""Words that say nothing about what is sought, by language. They are dropped while other words remain.

Besides articles, prepositions and pronouns these are the words of questions ("how do I", "que faire"), since people
ask a search field the way they ask a colleague.
"""

STOP_WORDS: dict[str, frozenset[str]] = {
    "en": frozenset(
        """
        a about after again all also am an and any are as at be because been before being but by can could did do does
        doing done don during each else for from get gets getting give given go goes going got had has have having he
        her here him his how i if in into is it its just let ll like look make makes making may me mean might must my
        need needed needs of on once one or other our out over own per please re s shall she should so some someone
        something such t take taken than that the their them then there these they thing things this those to too under
        until up upon us use used using ve very via want was way we were what when where whether which while who whom
        whose why will with within without would you your yours
        """.split()
    ),
    "fr": frozenset(
        """
        a afin ai ainsi alors après as au aucun aussi autre autres aux avant avec avoir c car ce ceci cela celle celui
        ces cet cette ceux chaque chez ci comme comment concernant d dans de depuis des dois doit doivent donc dont du
        elle elles en encore est et etc eu faire fait faut fois il ils j je l la le les leur leurs lors lorsque lui m ma
        mais me mes mettre moi mon n ne ni non nos notre nous on ont ou où par pas pendant peut peux plus pour
        pourquoi pouvoir prendre près puis qu quand que quel quelle quelles quels quelqu qui quoi s sa sans se selon ses
        si soit son sont sous sur suis t ta te tes toi ton tous tout toute toutes très tu un une vers veut veux vos
        votre vous y à être
        """.split()
    ),
    "nl": frozenset(
        """
        aan al alle als bij dan dat de deze die dit doe doen door een en er ga gaan geen haar had hebben heb heeft hem
        het hij hoe hun ik in is je kan kun kunnen maar me men met mij mijn moet moeten na naar niet nog nu of om ons
        onze ook op over te ten ter tot u uit uw van voor waar wanneer waarom wat we wel welke wie wij worden wordt zal
        ze zich zij zijn zo
        """.split()
    ),
    "pt": frozenset(
        """
        a ao aos as até com como da das de dela dele deles depois devo do dos e ela eles em entre essa esse esta este
        eu fazer foi isso isto já lhe mais mas me meu minha na nas nem no nos nós não o onde os ou para pela pelas pelo
        pelos por porque posso preciso qual quando que quem se sem ser seu sua são só também te tem ter um uma umas uns
        você à às é
        """.split()
    ),
    "de": frozenset(
        """
        aber alle als am an auch auf aus bei bin bis da damit das dass dem den der des die dies diese dieser doch du
        durch ein eine einem einen einer eines er es für habe haben hat ich ihr im in ist ja kann können mache machen
        man mein mich mir mit muss müssen nach nicht noch nur ob oder ohne sein sich sie sind so soll und uns unser
        unter vom von vor wann warum was wenn wer werden wie wir wird wo zu zum zur über
        """.split()
    ),
    "es": frozenset(
        """
        a al algo ante antes como con cual cuando cómo cuándo de debe debo del desde donde dónde durante e el ella ellos
        en entre era es esa ese eso esta este esto está están hacer hacia hago hasta hay la las le les lo los me mi mis
        muy más necesito ni no nos o otra otro para pero por porque puedo que quien quién qué se según ser si sin sobre
        son su sus sí también te tengo tiene tu un una uno unos y ya yo
        """.split()
    ),
    "it": frozenset(
        """
        a ad ai al alla alle allo anche che chi ci come con cosa cui da dal dalla de dei del della delle devo di dove e
        ed fare gli ha hanno ho i il in io la le lo loro ma mi mia mio ne nei nel nella no noi non o per perché più
        posso quale quando quanto quello questa questo se sei si sia sono su sua sul sulla suo ti tra tu un una uno è
        """.split()
    ),
}


def languages_of(words: list[str]) -> dict[str, int]:
    """How many of `words`, lower case with accents, are stop words of each language that has any among them."""
    counts = {language: sum(word in stops for word in words) for language, stops in STOP_WORDS.items()}
    return {language: count for language, count in counts.items() if count}
