using ProdOps.HelpCompiler;

const string Usage = """
    help-compiler <docsFolder> <outputFolder>   compile cmdlets/*.md and about/about_*.md to <outputFolder>, e.g. .../en-US
    help-compiler --update <docsFolder>         rewrite the SYNTAX section of every page from its PARAMETERS
    """;

if (args.Length != 2 || args[0].StartsWith('-') && args[0] != "--update")
{
    Console.Error.WriteLine(Usage);
    return 2;
}

bool update = args[0] == "--update";
string docs = update ? args[1] : args[0];
if (!Directory.Exists(docs))
{
    Console.Error.WriteLine($"{docs}: error HELP: There is no such folder.");
    return 2;
}

var errors = new HelpErrors();
if (update)
{
    int changed = HelpCompilation.UpdateSyntax(docs, errors);
    Console.Out.WriteLine($"{changed} pages changed.");
}
else
{
    var output = HelpCompilation.Compile(docs, errors);
    if (errors.All.Count == 0) HelpCompilation.Write(output, args[1]);
}

foreach (var error in errors.All) Console.Error.WriteLine(error);
return errors.All.Count == 0 ? 0 : 1;
