/* libxml2 as a validator to be measured, in one process: by tree, or by its stream of SAX events.
 *
 *   cc -O2 libxml2.c $(xml2-config --cflags --libs); ./a.out tree|stream SCHEMA
 *
 * Reads lines "FOLDER COUNT", reads all files of the folder, judges each COUNT times from memory, and
 * answers with the nanoseconds of processor time that it took. */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#define FILES_MAX 64

struct file {
    char *octets;
    size_t length;
};

/* Complaints are taken, as a program that answers a sender must take them, and thrown away. */
static void hear(void *context, const xmlError *error) {
    (void)context;
    (void)error;
}

static void judge_tree(xmlSchemaPtr schema, const struct file *file) {
    xmlDocPtr document = xmlReadMemory(file->octets, (int)file->length, NULL, NULL, XML_PARSE_NONET);
    if (document == NULL)
        return;
    xmlSchemaValidCtxtPtr context = xmlSchemaNewValidCtxt(schema);
    xmlSchemaSetValidStructuredErrors(context, (xmlStructuredErrorFunc)hear, NULL);
    xmlSchemaValidateDoc(context, document);
    xmlSchemaFreeValidCtxt(context);
    xmlFreeDoc(document);
}

static void judge_stream(xmlSchemaPtr schema, const struct file *file) {
    static xmlSAXHandler nothing;
    xmlSchemaValidCtxtPtr context = xmlSchemaNewValidCtxt(schema);
    xmlSchemaSetValidStructuredErrors(context, (xmlStructuredErrorFunc)hear, NULL);
    xmlParserInputBufferPtr input =
        xmlParserInputBufferCreateStatic(file->octets, (int)file->length, XML_CHAR_ENCODING_NONE);
    nothing.initialized = XML_SAX2_MAGIC;
    xmlSchemaValidateStream(context, input, XML_CHAR_ENCODING_NONE, &nothing, NULL);
    xmlSchemaFreeValidCtxt(context);
}

static size_t read_folder(const char *path, struct file *files) {
    DIR *folder = opendir(path);
    struct dirent *entry;
    size_t count = 0;
    if (folder == NULL)
        return 0;
    while ((entry = readdir(folder)) != NULL && count < FILES_MAX) {
        char name[4400];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        FILE *stream = fopen(name, "rb");
        if (stream == NULL)
            continue;
        fseek(stream, 0, SEEK_END);
        size_t length = (size_t)ftell(stream);
        rewind(stream);
        files[count].octets = malloc(length + 1);
        files[count].length = fread(files[count].octets, 1, length, stream);
        /* The streaming parser looks one octet ahead. */
        files[count].octets[files[count].length] = 0;
        fclose(stream);
        count++;
    }
    closedir(folder);
    return count;
}

static long long processor_time(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int count, char **arguments) {
    if (count != 3)
        return 64;
    int is_tree = strcmp(arguments[1], "tree") == 0;
    xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc)hear);
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(arguments[2]);
    xmlSchemaPtr schema = xmlSchemaParse(parser);
    if (schema == NULL)
        return 78;
    char path[4000];
    long times;
    while (scanf("%3999s %ld", path, &times) == 2) {
        struct file files[FILES_MAX];
        size_t number = read_folder(path, files);
        long long before = processor_time();
        for (long time = 0; time < times; time++)
            for (size_t index = 0; index < number; index++)
                if (is_tree)
                    judge_tree(schema, &files[index]);
                else
                    judge_stream(schema, &files[index]);
        printf("%lld\n", processor_time() - before);
        fflush(stdout);
        for (size_t index = 0; index < number; index++)
            free(files[index].octets);
    }
    xmlSchemaFree(schema);
    xmlSchemaFreeParserCtxt(parser);
    return 0;
}
